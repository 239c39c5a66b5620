import { Archive, ArrowRight, CirclePause, CirclePlay, FolderTree, Pencil, VenetianMask } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Field } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { Fact } from "@/components/panel";
import { Peek } from "@/components/peek";
import { SelectField } from "@/components/select-field";
import { StatusBadge } from "@/components/status-badge";
import { Time } from "@/components/time";
import { Button } from "@/components/ui/button";
import { explain } from "@/lib/api/problem";
import type { Plan, Tenant } from "@/lib/api/types";
import { num, plural } from "@/lib/format";
import { notify } from "@/lib/toasts";
import { useChangeTenant } from "../api/change-tenant";
import { plans } from "./create-tenant-dialog";
import type { PlacedTenant } from "./tenant-columns";

type Asked = "edit" | "move" | "suspend" | "archive";

/** A tenant beside the tree: what it is, and what is done with it from above. */
export function TenantPeek({
  placed,
  all,
  canManage,
  onSwitch,
  onImpersonate,
  onClose,
}: {
  placed: PlacedTenant;
  all: PlacedTenant[];
  canManage: boolean;
  onSwitch: (tenant: Tenant) => void;
  /** Absent when the person may not act in tenants. */
  onImpersonate?: (tenant: Tenant) => void;
  onClose: () => void;
}) {
  const { tenant, path } = placed;
  const change = useChangeTenant();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => {
    setAsked(null);
    change.reset();
  };
  const below = all.filter((each) => each.path.length > path.length && isBelow(each, placed));
  const agents = below.reduce((sum, each) => sum + each.tenant.agents, tenant.agents);
  const touched = `${plural(below.length + 1, "tenant")} with ${plural(agents, "agent")}`;
  const done = (word: string) => ({
    onSuccess: () => {
      notify(`${word} ${tenant.name}`);
      close();
    },
  });
  return (
    <Peek
      label="Tenant"
      title={tenant.name}
      subtitle={path.length > 0 ? `below ${path.join(" › ")}` : "on top of what you see"}
      badges={<StatusBadge status={tenant.status} />}
      onClose={onClose}
      actions={
        <>
          <Button
            variant="primary"
            onClick={() => {
              onSwitch(tenant);
            }}
          >
            <ArrowRight size={15} strokeWidth={1.75} aria-hidden />
            Switch to it
          </Button>
          {onImpersonate && path.length > 0 && (
            <Button
              onClick={() => {
                onImpersonate(tenant);
              }}
            >
              <VenetianMask size={15} strokeWidth={1.75} aria-hidden />
              Act in it
            </Button>
          )}
          {canManage && (
            <>
              <Action
                icon={Pencil}
                word="Edit"
                onClick={() => {
                  setAsked("edit");
                }}
              />
              {path.length > 0 && (
                <>
                  <Action
                    icon={FolderTree}
                    word="Move"
                    onClick={() => {
                      setAsked("move");
                    }}
                  />
                  {tenant.status === "active" ? (
                    <Action
                      icon={CirclePause}
                      word="Suspend"
                      onClick={() => {
                        setAsked("suspend");
                      }}
                    />
                  ) : (
                    <Action
                      icon={CirclePlay}
                      word="Serve again"
                      onClick={() => {
                        change.mutate(
                          { tenant, change: "resume" },
                          {
                            ...done("Serving again"),
                            onError: (error) => {
                              notify(`Could not serve it again. ${explain(error)}`, "bad");
                            },
                          },
                        );
                      }}
                    />
                  )}
                  {tenant.status !== "archived" && (
                    <Action
                      icon={Archive}
                      word="Archive"
                      onClick={() => {
                        setAsked("archive");
                      }}
                    />
                  )}
                </>
              )}
            </>
          )}
        </>
      }
    >
      <dl className="-mx-3.5 border-b border-border">
        <Fact name="Address">
          <span className="font-mono text-xs">{tenant.slug}</span>
        </Fact>
        <Fact name="Plan">{tenant.plan}</Fact>
        <Fact name="Agents">{num(tenant.agents)}</Fact>
        <Fact name="With all below">{touched}</Fact>
        <Fact name="Since">
          <Time at={tenant.created_at} />
        </Fact>
        <Fact name="Last changed">
          <Time at={tenant.last_modified_at} />
        </Fact>
      </dl>
      {asked === "edit" && (
        <EditDialog tenant={tenant} change={change} done={done("Saved")} onClose={close} />
      )}
      {asked === "move" && (
        <MoveDialog
          tenant={tenant}
          parents={all.filter((each) => each !== placed && !below.includes(each)).map((each) => each.tenant)}
          touched={touched}
          change={change}
          done={done("Moved")}
          onClose={close}
        />
      )}
      {(asked === "suspend" || asked === "archive") && (
        <ConfirmDialog
          title={asked === "suspend" ? `Suspend ${tenant.name}` : `Archive ${tenant.name}`}
          verb={asked === "suspend" ? "Suspend" : "Archive"}
          name={tenant.slug}
          pending={change.isPending}
          error={change.error}
          onConfirm={() => {
            change.mutate({ tenant, change: asked }, done(asked === "suspend" ? "Suspended" : "Archived"));
          }}
          onClose={close}
        >
          {asked === "suspend"
            ? `Nobody is served in ${touched} and agents get no new work, until it is served again. Nothing is lost.`
            : `${touched} can only be read, by those above. It can be served again.`}
        </ConfirmDialog>
      )}
    </Peek>
  );
}

function isBelow(each: PlacedTenant, placed: PlacedTenant): boolean {
  const own = [...placed.path, placed.tenant.name];
  return own.every((name, index) => each.path[index] === name);
}

function Action({ icon: Icon, word, onClick }: { icon: typeof Pencil; word: string; onClick: () => void }) {
  return (
    <Button onClick={onClick}>
      <Icon size={15} strokeWidth={1.75} aria-hidden />
      {word}
    </Button>
  );
}

interface DialogProps {
  tenant: Tenant;
  change: ReturnType<typeof useChangeTenant>;
  done: { onSuccess: () => void };
  onClose: () => void;
}

function EditDialog({ tenant, change, done, onClose }: DialogProps) {
  const [plan, setPlan] = useState<Plan>(tenant.plan);
  const refused = fieldErrors(change.error);
  return (
    <FormDialog
      title={`Edit ${tenant.name}`}
      verb="Save"
      pending={change.isPending}
      error={change.error}
      onSubmit={(form) => {
        change.mutate({ tenant, change: "edit", name: String(form.get("name")).trim(), plan }, done);
      }}
      onClose={onClose}
    >
      <Field label="Name" name="name" defaultValue={tenant.name} error={refused["name"]} />
      <SelectField
        label="Plan"
        options={plans}
        value={plan}
        onValue={setPlan}
        hint="What a smaller plan lacks stops at once; what was kept stays."
      />
    </FormDialog>
  );
}

function MoveDialog({
  tenant,
  parents,
  touched,
  change,
  done,
  onClose,
}: DialogProps & { parents: Tenant[]; touched: string }) {
  const [parent, setParent] = useState(
    parents.find(({ id }) => id !== tenant.parent_id)?.id ?? tenant.parent_id,
  );
  return (
    <FormDialog
      title={`Move ${tenant.name}`}
      description={`${touched} hang below another from then on: its roles, settings, packs and rules hold there, those of the old one no more.`}
      verb="Move"
      danger
      pending={change.isPending}
      error={change.error}
      disabled={parent === tenant.parent_id}
      onSubmit={() => {
        change.mutate({ tenant, change: "move", parent }, done);
      }}
      onClose={onClose}
    >
      <SelectField
        label="Below"
        options={parents.map(({ id, name }) => ({ value: id, label: name }))}
        value={parent}
        onValue={setParent}
      />
    </FormDialog>
  );
}
