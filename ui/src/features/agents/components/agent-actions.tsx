import { Archive, ArrowRightLeft, Ellipsis, KeyRound } from "lucide-react";
import { useState, type ReactNode } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { FormDialog } from "@/components/form-dialog";
import { SelectField } from "@/components/select-field";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import type { Agent, Tenant } from "@/lib/api/types";
import { notify } from "@/lib/toasts";
import { useMoveAgent, useRetireAgent, useRotateKey } from "../api/change-agent";

type Asked = "key" | "move" | "retire";

/** What is done to one agent: another key, another tenant, its end. Each says what it does before it is done. */
export function AgentActions({
  tenant,
  agent,
  tenants,
  onMoved,
}: {
  tenant: string;
  agent: Pick<Agent, "id" | "hostname" | "tenant_id">;
  /** Where the agent could go. */
  tenants: Pick<Tenant, "id" | "name">[];
  /** Told where the agent is from now on. */
  onMoved: (tenantId: string, agentId: string) => void;
}) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => {
    setAsked(null);
  };
  const places = tenants.filter(({ id }) => id !== agent.tenant_id);
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button aria-label="More actions" size="icon">
            <Ellipsis size={15} aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <Item
            icon={<KeyRound size={15} strokeWidth={1.75} aria-hidden />}
            onChoose={() => {
              setAsked("key");
            }}
          >
            Change its key…
          </Item>
          {places.length > 0 && (
            <Item
              icon={<ArrowRightLeft size={15} strokeWidth={1.75} aria-hidden />}
              onChoose={() => {
                setAsked("move");
              }}
            >
              Move to another tenant…
            </Item>
          )}
          <Item
            icon={<Archive size={15} strokeWidth={1.75} aria-hidden />}
            onChoose={() => {
              setAsked("retire");
            }}
          >
            Retire…
          </Item>
        </DropdownMenuContent>
      </DropdownMenu>
      {asked === "key" && <ChangeKey tenant={tenant} agent={agent} onClose={close} />}
      {asked === "move" && (
        <Move tenant={tenant} agent={agent} places={places} onMoved={onMoved} onClose={close} />
      )}
      {asked === "retire" && <Retire tenant={tenant} agent={agent} onClose={close} />}
    </>
  );
}

function Item({ icon, onChoose, children }: { icon: ReactNode; onChoose: () => void; children: string }) {
  return (
    <DropdownMenuItem onSelect={onChoose}>
      {icon}
      {children}
    </DropdownMenuItem>
  );
}

interface DialogProps {
  tenant: string;
  agent: Pick<Agent, "id" | "hostname">;
  onClose: () => void;
}

function ChangeKey({ tenant, agent, onClose }: DialogProps) {
  const rotate = useRotateKey(tenant);
  return (
    <ConfirmDialog
      title={`Change the key of ${agent.hostname}`}
      verb="Change its key"
      pending={rotate.isPending}
      error={rotate.error}
      onConfirm={() => {
        rotate.mutate(agent.id, {
          onSuccess: () => {
            notify(`${agent.hostname} changes its key when it is heard next.`);
            onClose();
          },
        });
      }}
      onClose={onClose}
    >
      It makes itself another one. The old key counts until the first message under the new one, so that
      nothing is lost when it is switched off in between.
    </ConfirmDialog>
  );
}

function Move({
  tenant,
  agent,
  places,
  onMoved,
  onClose,
}: DialogProps & {
  places: { id: string; name: string }[];
  onMoved: (tenantId: string, agentId: string) => void;
}) {
  const move = useMoveAgent(tenant);
  return (
    <FormDialog
      title={`Move ${agent.hostname}`}
      description="It goes to the other tenant when it is heard next. What it told stays in this one."
      verb="Move the agent"
      pending={move.isPending}
      error={move.error}
      onSubmit={(form) => {
        const to = String(form.get("to"));
        move.mutate(
          { id: agent.id, to },
          {
            onSuccess: ({ agent_id }) => {
              const name = places.find(({ id }) => id === to)?.name ?? "the other tenant";
              notify(`${agent.hostname} goes to ${name}.`);
              onMoved(to, agent_id);
            },
          },
        );
      }}
      onClose={onClose}
    >
      <SelectField
        label="Tenant"
        name="to"
        options={places.map(({ id, name }) => ({ value: id, label: name }))}
        defaultValue={places[0].id}
      />
    </FormDialog>
  );
}

function Retire({ tenant, agent, onClose }: DialogProps) {
  const retire = useRetireAgent(tenant);
  return (
    <ConfirmDialog
      title={`Retire ${agent.hostname}`}
      verb="Retire the agent"
      name={agent.hostname}
      pending={retire.isPending}
      error={retire.error}
      onConfirm={() => {
        retire.mutate(agent.id, {
          onSuccess: () => {
            notify(`Retired ${agent.hostname}`);
            onClose();
          },
        });
      }}
      onClose={onClose}
    >
      Its endpoint is gone for good: its requests are refused from now on, and lists leave it out. This cannot
      be undone; its rows stay in history.
    </ConfirmDialog>
  );
}
