import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Download, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useExportFramework, useFramework, useRemoveFramework } from "@/features/compliance/api/frameworks";
import { useGains, useTrends } from "@/features/compliance/api/scores";
import { ControlPanel } from "@/features/compliance/components/control-panel";
import {
  CoverageLegend,
  CoverageMap,
  standingOf,
  standings,
  type Standing,
} from "@/features/compliance/components/coverage-map";
import { FrameworkEditor } from "@/features/compliance/components/framework-editor";
import { useBreadcrumb } from "@/components/breadcrumb";
import { LineChart } from "@/components/charts/line-chart";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { PageHeader } from "@/components/page-header";
import { Panel } from "@/components/panel";
import { SeverityBadge } from "@/components/severity-badge";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Skeleton } from "@/components/ui/skeleton";
import { useChecks } from "@/hooks/use-checks";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { explain } from "@/lib/api/problem";
import { download } from "@/lib/download";
import { num, plural } from "@/lib/format";
import { notify } from "@/lib/toasts";

const route = getRouteApi("/t/$tenant/compliance/frameworks/$framework");
/** Days that the trend looks back. */
const trendDays = 90;

/** Which controls of a framework fail, which are not measured, and what would help most? */
export function FrameworkPage() {
  const tenant = useTenant();
  const { framework: id } = route.useParams();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const navigate = useNavigate();
  const can = useCan();
  const framework = useFramework(tenant, id);
  const checks = useChecks(tenant);
  const gains = useGains(tenant, id);
  const [trend] = useTrends(tenant, [id], trendDays);
  const take = useExportFramework(tenant);
  const remove = useRemoveFramework(tenant);
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const known = framework.data;
  const title = known?.title ?? id;
  useTitle(title, tenant);
  useBreadcrumb([
    { label: "Compliance" },
    {
      label: "Frameworks",
      link: (
        <Link to="/t/$tenant/compliance/frameworks" params={{ tenant }} className="hover:text-fg">
          Frameworks
        </Link>
      ),
    },
    { label: title },
  ]);
  const controls = known?.items ?? [];
  const standing = search.state && search.state in standings ? (search.state as Standing) : undefined;
  const shown = standing ? controls.filter((each) => standingOf(each) === standing) : controls;
  const chosen = controls.find(({ control }) => control === search.sel);

  const save = (format: "yaml" | "json") => {
    take.mutate(
      { framework: id, format },
      {
        onSuccess: (document) => {
          download(new Blob([document]), `${id}.${format}`);
        },
        onError: (error) => {
          notify(`Could not export it. ${explain(error)}`, "bad");
        },
      },
    );
  };

  return (
    <>
      <PageHeader
        title={title}
        answer={
          known &&
          (known.judged > 0
            ? `${known.percent.toFixed(1)} %${known.strict < known.percent ? `, ${known.strict.toFixed(1)} % without waivers` : ""}; ${num(known.met)} of ${num(known.judged)} judged controls met, ${num(known.controls - known.covered)} of ${num(known.controls)} not measured`
            : `${plural(known.controls, "control")}, none judged yet`)
        }
        actions={
          <>
            <DropdownMenu>
              <DropdownMenuTrigger asChild>
                <Button>
                  <Download size={15} strokeWidth={1.75} aria-hidden />
                  Export
                </Button>
              </DropdownMenuTrigger>
              <DropdownMenuContent align="end">
                <DropdownMenuItem
                  onSelect={() => {
                    save("yaml");
                  }}
                >
                  As YAML
                </DropdownMenuItem>
                <DropdownMenuItem
                  onSelect={() => {
                    save("json");
                  }}
                >
                  As JSON
                </DropdownMenuItem>
              </DropdownMenuContent>
            </DropdownMenu>
            {can("compliance.manage") && (
              <Button
                onClick={() => {
                  setEditing(true);
                }}
              >
                <Pencil size={15} strokeWidth={1.75} aria-hidden />
                Edit
              </Button>
            )}
            {can("compliance.manage") && known?.tenant_id && (
              <Button
                onClick={() => {
                  setRemoving(true);
                }}
              >
                <Trash2 size={15} strokeWidth={1.75} aria-hidden />
                Remove
              </Button>
            )}
          </>
        }
      />
      {known ? (
        <div className="flex min-h-0 flex-1 border-t border-border">
          <div className="min-w-0 flex-1 overflow-y-auto px-5 py-4 max-sm:px-4">
            <div className="mb-4 -ml-2">
              <CoverageLegend
                controls={controls}
                chosen={standing}
                onChoose={(next) => {
                  onSearch({ state: next });
                }}
              />
            </div>
            <CoverageMap
              controls={shown}
              chosen={search.sel}
              onChoose={(control) => {
                onSearch({ sel: control === search.sel ? undefined : control });
              }}
            />
            <div className="mt-6 grid max-w-300 items-start gap-3 xl:grid-cols-2">
              <Panel title="Fixes with the most effect on it">
                {gains.data && gains.data.length > 0 ? (
                  <ul className="mt-1">
                    {gains.data.slice(0, 6).map((fix) => (
                      <li key={fix.check} className="border-t border-border">
                        <Link
                          to="/t/$tenant/compliance/$check"
                          params={{ tenant, check: fix.check }}
                          className="focus-inset flex min-h-9 items-center gap-3 px-3.5 py-1 hover:bg-hover"
                        >
                          <SeverityBadge severity={fix.severity} />
                          <span className="min-w-0 flex-1 truncate font-[550]">{fix.title}</span>
                          <span className="flex-none font-medium text-ok-fg tnum">
                            +{fix.gain.toFixed(1)} points
                          </span>
                        </Link>
                      </li>
                    ))}
                  </ul>
                ) : (
                  <p className="border-t border-border px-3.5 py-3 text-fg-muted">
                    {gains.isPending ? "Reckoning…" : gains.isError ? explain(gains.error) : "Nothing fails."}
                  </p>
                )}
              </Panel>
              <Panel title={`Score over ${trendDays} days`}>
                {(trend.data?.days.length ?? 0) > 1 ? (
                  <LineChart
                    height={200}
                    unit=" %"
                    finding={`Score of ${title}, now ${known.percent.toFixed(1)} %`}
                    lines={[
                      {
                        name: "Score",
                        points: (trend.data?.days ?? []).map(({ day, percent }) => ({
                          at: Date.parse(day),
                          value: percent,
                        })),
                      },
                      {
                        name: "No waivers",
                        points: (trend.data?.days ?? []).map(({ day, strict }) => ({
                          at: Date.parse(day),
                          value: strict,
                        })),
                      },
                    ]}
                  />
                ) : (
                  <p className="border-t border-border px-3.5 py-3 text-fg-muted">
                    A line needs two days; each day&apos;s score is kept at its end.
                  </p>
                )}
              </Panel>
            </div>
            <p className="mt-4 max-w-200 text-xs text-fg-subtle">
              {known.source}. {known.licence}
            </p>
          </div>
          {chosen && (
            <ControlPanel
              key={chosen.control}
              tenant={tenant}
              framework={id}
              control={chosen}
              checks={checks.data?.items ?? []}
              onClose={() => {
                onSearch({ sel: undefined });
              }}
            />
          )}
        </div>
      ) : framework.isError ? (
        <ErrorState
          what="load the framework"
          error={framework.error}
          retry={() => void framework.refetch()}
        />
      ) : (
        <div role="status" className="flex flex-col gap-3 px-5">
          <span className="sr-only">Loading the framework</span>
          <Skeleton className="h-7 w-100" />
          <Skeleton className="h-80" />
        </div>
      )}
      {editing && (
        <FrameworkEditor
          tenant={tenant}
          framework={id}
          onSaved={(saved) => {
            setEditing(false);
            void navigate({
              to: "/t/$tenant/compliance/frameworks/$framework",
              params: { tenant, framework: saved },
            });
          }}
          onClose={() => {
            setEditing(false);
          }}
        />
      )}
      {removing && (
        <ConfirmDialog
          title={`Remove ${title}`}
          verb="Remove"
          name={id}
          pending={remove.isPending}
          error={remove.error}
          onConfirm={() => {
            remove.mutate(id, {
              onSuccess: () => {
                notify(`Removed ${title}`);
                void navigate({ to: "/t/$tenant/compliance/frameworks", params: { tenant } });
              },
            });
          }}
          onClose={() => {
            setRemoving(false);
          }}
        >
          The tenant and those below are no longer measured against it. Where it stood in for one of the
          product&apos;s or of a tenant above, that one holds again.
        </ConfirmDialog>
      )}
    </>
  );
}
