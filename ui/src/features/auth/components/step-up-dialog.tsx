import { Field } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { answerStepUp } from "@/lib/api/step-up";
import { useStepUp } from "../api/step-up";

/** Asks for password and code before something dangerous; the action that waits for it then goes on by itself. */
export function StepUpDialog() {
  const stepUp = useStepUp();
  return (
    <FormDialog
      title="Confirm that it is you"
      description="What you are about to do asks for your password again."
      verb="Confirm"
      pending={stepUp.isPending}
      error={stepUp.error}
      onSubmit={(form) => {
        const code = String(form.get("code")).trim();
        stepUp.mutate(
          { password: String(form.get("password")), ...(code && { code }) },
          {
            onSuccess: () => {
              answerStepUp(true);
            },
          },
        );
      }}
      onClose={() => {
        answerStepUp(false);
      }}
    >
      <Field label="Password" name="password" type="password" autoComplete="current-password" required />
      <Field
        label="Code"
        name="code"
        autoComplete="one-time-code"
        spellCheck={false}
        hint="Only where you have set up a second factor."
      />
    </FormDialog>
  );
}
