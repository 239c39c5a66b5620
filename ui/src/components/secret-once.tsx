import { CodeBlock } from "@/components/code-block";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";

/** A secret that the server tells once: nobody can read it again, so the dialog says so and closes by hand only. */
export function SecretOnce({
  title,
  explanation,
  label,
  secret,
  onClose,
}: {
  title: string;
  explanation: string;
  label: string;
  secret: string;
  onClose: () => void;
}) {
  return (
    <Dialog open>
      <DialogContent title={title} description={explanation}>
        <div className="px-4 pb-2">
          <CodeBlock code={secret} label={label} />
        </div>
        <div className="flex justify-end border-t border-border px-4 py-3">
          <Button variant="primary" onClick={onClose}>
            I have kept it
          </Button>
        </div>
      </DialogContent>
    </Dialog>
  );
}
