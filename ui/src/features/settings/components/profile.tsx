import { LoaderCircle } from "lucide-react";
import { Field } from "@/components/field";
import { fieldErrors } from "@/components/form-dialog";
import { FormProblem } from "@/components/form-problem";
import { Fact, Panel } from "@/components/panel";
import { Button } from "@/components/ui/button";
import { useMe } from "@/hooks/use-me";
import { explain } from "@/lib/api/problem";
import { roleWord } from "@/lib/roles";
import { notify } from "@/lib/toasts";
import { useChangeProfile } from "../api/profile";

/** One's name and time zone, and what one is here. */
export function Profile() {
  const { user, role, tenant } = useMe();
  const change = useChangeProfile();
  const refused = fieldErrors(change.error);
  return (
    <>
      <Panel title="Profile">
        <form
          noValidate
          className="flex max-w-100 flex-col gap-4 px-3.5 py-3"
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            change.mutate(
              { name: String(form.get("name")).trim(), time_zone: String(form.get("time_zone")).trim() },
              {
                onSuccess: () => {
                  notify("Saved your profile");
                },
              },
            );
          }}
        >
          {change.error && <FormProblem>{explain(change.error)}</FormProblem>}
          <Field
            label="Name"
            name="name"
            defaultValue={user.name}
            autoComplete="name"
            error={refused["name"]}
          />
          <Field
            label="Time zone"
            name="time_zone"
            defaultValue={user.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone}
            hint="As in Europe/Berlin. Reports and mails to you use it."
            error={refused["time_zone"]}
            spellCheck={false}
          />
          <Button type="submit" variant="primary" className="self-start" disabled={change.isPending}>
            {change.isPending && <LoaderCircle size={15} className="animate-spin" aria-hidden />}
            Save
          </Button>
        </form>
      </Panel>
      <Panel title="Account">
        <dl className="mt-1">
          <Fact name="E-mail">{user.email}</Fact>
          <Fact name="Role">{roleWord(role)}</Fact>
          <Fact name="Tenant">{tenant.name}</Fact>
          <Fact name="Plan">{tenant.plan}</Fact>
        </dl>
      </Panel>
    </>
  );
}
