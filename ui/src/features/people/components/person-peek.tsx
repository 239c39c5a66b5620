import { KeyRound, UserCheck, UserX } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { Peek, PeekSection } from "@/components/peek";
import { SecretOnce } from "@/components/secret-once";
import { StatusBadge } from "@/components/status-badge";
import { Button } from "@/components/ui/button";
import { useHas } from "@/hooks/use-me";
import { explain } from "@/lib/api/problem";
import type { Person } from "@/lib/api/types";
import { roleWord } from "@/lib/roles";
import { notify } from "@/lib/toasts";
import { useMakeLink, useSetActive } from "../api/change-person";
import { Rights } from "./rights";

/** A person: what they may do here and why, and what can be done about it. */
export function PersonPeek({
  tenant,
  person,
  canManage,
  onClose,
}: {
  tenant: string;
  person: Person;
  canManage: boolean;
  onClose: () => void;
}) {
  const [asking, setAsking] = useState(false);
  const setActive = useSetActive(tenant);
  const link = useMakeLink(tenant);
  const has = useHas();
  const shutOut = person.status === "deactivated";
  return (
    <Peek
      label="Person"
      title={person.name}
      subtitle={`${person.email} · ${roleWord(person.role)}`}
      badges={<StatusBadge status={person.status} />}
      onClose={onClose}
      actions={
        canManage && (
          <>
            <Button
              disabled={link.isPending || shutOut}
              onClick={() => {
                link.mutate(person, {
                  onSuccess: ({ mailed }) => {
                    if (mailed) notify(`Sent ${person.email} a link for a new password`);
                  },
                  onError: (error) => {
                    notify(`Could not make the link. ${explain(error)}`, "bad");
                  },
                });
              }}
            >
              <KeyRound size={15} strokeWidth={1.75} aria-hidden />
              Reset password
            </Button>
            {shutOut ? (
              <Button
                disabled={setActive.isPending}
                onClick={() => {
                  setActive.mutate({ person, active: true });
                }}
              >
                <UserCheck size={15} strokeWidth={1.75} aria-hidden />
                Activate
              </Button>
            ) : (
              <Button
                onClick={() => {
                  setAsking(true);
                }}
              >
                <UserX size={15} strokeWidth={1.75} aria-hidden />
                Deactivate
              </Button>
            )}
          </>
        )
      }
    >
      <PeekSection title="Why can they see this?">
        <Rights tenant={tenant} user={person.id} canManage={canManage && has("rbac")} />
      </PeekSection>
      {asking && (
        <ConfirmDialog
          title={`Deactivate ${person.name}`}
          verb="Deactivate"
          pending={setActive.isPending}
          error={setActive.error}
          onConfirm={() => {
            setActive.mutate(
              { person, active: false },
              {
                onSuccess: () => {
                  setAsking(false);
                  notify(`Deactivated ${person.name}`);
                },
              },
            );
          }}
          onClose={() => {
            setAsking(false);
          }}
        >
          Every session, stream and token of {person.email} ends within seconds. You can activate the account
          again.
        </ConfirmDialog>
      )}
      {link.data && !link.data.mailed && (
        <SecretOnce
          title="A link for a new password"
          explanation="No mail server is set up, so hand this over yourself. It works once and shows only now."
          label="Link"
          secret={link.data.url}
          onClose={() => {
            link.reset();
          }}
        />
      )}
    </Peek>
  );
}
