import { LoaderCircle } from "lucide-react";
import { useEffect } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { ErrorState } from "@/components/states";
import { useCreateEnrollSecret } from "../api/create-enroll-secret";
import { EnrollSteps } from "./enroll-panel";

/** How further agents join a tenant that has some: a new secret, and the command of each platform. */
export function EnrollDialog({ tenant, onClose }: { tenant: string; onClose: () => void }) {
  const create = useCreateEnrollSecret(tenant);
  const { mutate } = create;
  useEffect(() => {
    mutate();
  }, [mutate]);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent
        title="Enrol agents"
        description="One command a computer; each shows in the list as soon as it answers."
        className="w-[min(680px,calc(100vw-24px))]"
      >
        <div className="min-h-0 overflow-y-auto px-4 pb-4">
          {create.data ? (
            <EnrollSteps secret={create.data} />
          ) : create.isError ? (
            <ErrorState
              what="create the enrol secret"
              error={create.error}
              retry={() => {
                mutate();
              }}
            />
          ) : (
            <p role="status" className="flex items-center gap-2 py-6 text-fg-muted">
              <LoaderCircle size={15} className="animate-spin text-wait-fg" aria-hidden />
              Making a secret
            </p>
          )}
        </div>
      </DialogContent>
    </Dialog>
  );
}
