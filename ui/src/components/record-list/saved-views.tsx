import { Bookmark } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { useTenant } from "@/hooks/use-tenant";
import { useChangeView, useViews, type ViewChange } from "@/hooks/use-views";
import { explain } from "@/lib/api/problem";
import type { View } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import type { RecordSearch } from "./record-list";
import { lookOf, searchOf } from "./view-search";

interface SavedViewsProps {
  /** The list's name among views. */
  page: string;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
}

const done: Record<ViewChange["change"], string> = {
  create: "Saved the view",
  update: "Saved the view",
  delete: "Deleted the view",
  default: "Changed what the list opens with",
};

/** Filters, order and columns under a name: one's own and the shared ones, and which of them the list opens with. */
export function SavedViews({ page, search, onSearch }: SavedViewsProps) {
  const tenant = useTenant();
  const views = useViews(tenant, page);
  const change = useChangeView(tenant, page);
  const [saving, setSaving] = useState(false);
  const [picked, setPicked] = useState<string | null>(null);
  const look = lookOf(search);
  const all = views.data ?? [];
  const chosen = all.find(({ id }) => id === picked);
  const active = chosen?.search === look ? chosen : all.find((view) => view.search === look && look !== "");
  const changed = chosen && chosen.search !== look ? chosen : undefined;
  useDefaultView(views.data, look, onSearch);

  const apply = (asked: ViewChange, then?: () => void) => {
    change.mutate(asked, {
      onSuccess: () => {
        notify(`${done[asked.change]}.`);
        then?.();
      },
      onError: (error) => {
        if (asked.change !== "create") notify(`Could not change the view. ${explain(error)}`, "bad");
      },
    });
  };
  const pick = (id: string) => {
    const view = all.find((each) => each.id === id);
    if (!view) return;
    setPicked(id);
    onSearch(searchOf(view.search));
  };

  // A list that cannot have its views now is a list all the same.
  if (!views.data) return null;
  const groups = [
    { label: "Mine", views: all.filter(({ mine }) => mine) },
    { label: "Shared", views: all.filter(({ mine }) => !mine) },
  ];
  const current = active ?? changed;
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" className="max-w-52 min-w-0">
            <Bookmark size={15} strokeWidth={1.75} aria-hidden />
            <span className="truncate max-md:sr-only">
              {current ? `${current.name}${changed ? ", changed" : ""}` : "Views"}
            </span>
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end" className="max-w-80">
          <DropdownMenuRadioGroup value={current?.id ?? ""} onValueChange={pick}>
            {groups
              .filter((group) => group.views.length > 0)
              .map((group) => (
                <div key={group.label} role="group" aria-label={group.label}>
                  <DropdownMenuLabel>{group.label}</DropdownMenuLabel>
                  {group.views.map((view) => (
                    <DropdownMenuRadioItem key={view.id} value={view.id}>
                      <span className="min-w-0 flex-1 truncate">{view.name}</span>
                      <span className="text-2xs text-fg-subtle">{noteOf(view)}</span>
                    </DropdownMenuRadioItem>
                  ))}
                </div>
              ))}
          </DropdownMenuRadioGroup>
          {all.length > 0 && <DropdownMenuSeparator />}
          <DropdownMenuItem
            disabled={look === ""}
            onSelect={() => {
              change.reset();
              setSaving(true);
            }}
          >
            Save as a view…
          </DropdownMenuItem>
          {changed?.mine && (
            <DropdownMenuItem
              onSelect={() => {
                apply({ change: "update", view: changed, search: look });
              }}
            >
              Save the change to {changed.name}
            </DropdownMenuItem>
          )}
          {current && (
            <DropdownMenuCheckboxItem
              checked={current.default}
              onCheckedChange={(on) => {
                apply({ change: "default", view: current, on });
              }}
            >
              Open the list with it
            </DropdownMenuCheckboxItem>
          )}
          {current?.mine && (
            <DropdownMenuItem
              onSelect={() => {
                apply({ change: "delete", view: current });
              }}
            >
              Delete {current.name}
            </DropdownMenuItem>
          )}
          <DropdownMenuItem
            disabled={look === ""}
            onSelect={() => {
              setPicked(null);
              onSearch(searchOf(""));
            }}
          >
            Show the list as it is
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      {saving && (
        <FormDialog
          title="Save as a view"
          description="It keeps the filters, the order and the columns."
          verb="Save view"
          pending={change.isPending}
          error={change.error}
          onClose={() => {
            setSaving(false);
          }}
          onSubmit={(form) => {
            apply(
              {
                change: "create",
                name: String(form.get("name")),
                search: look,
                shared: form.get("shared") !== null,
              },
              () => {
                setSaving(false);
              },
            );
          }}
        >
          <Field label="Name" name="name" maxLength={60} error={fieldErrors(change.error).name} />
          <label className="flex min-h-6 items-center gap-2">
            <input type="checkbox" name="shared" className="size-4 accent-primary" />
            Everybody in this tenant sees it
          </label>
        </FormDialog>
      )}
    </>
  );
}

function noteOf(view: View): string {
  const parts = [view.default && "opens with it", view.mine ? view.shared && "shared" : view.owner];
  return parts.filter(Boolean).join(", ");
}

/** Opens a list with the person's default view, when the address asks for nothing else. Once: clearing filters stays cleared. */
function useDefaultView(
  views: View[] | undefined,
  look: string,
  onSearch: (change: Partial<RecordSearch>) => void,
): void {
  const decided = useRef(false);
  useEffect(() => {
    if (decided.current || !views) return;
    decided.current = true;
    const view = views.find((each) => each.default);
    if (view && look === "") onSearch(searchOf(view.search));
  }, [views, look, onSearch]);
}
