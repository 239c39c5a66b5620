import { useState } from "react";
import { Field, TextAreaField } from "@/components/field";
import { fieldErrors, FormDialog } from "@/components/form-dialog";
import { SecretOnce } from "@/components/secret-once";
import { SelectField } from "@/components/select-field";
import type { Channel } from "@/lib/api/types";
import { severityWords } from "@/lib/severity";
import { notify } from "@/lib/toasts";
import { useSaveChannel } from "../api/channels";
import { channelKinds, type ChannelDraft } from "../channel-kinds";

const severities = (["low", "medium", "high", "critical"] as const).map((value) => ({
  value,
  label: `${severityWords[value]} and worse`,
}));
const classes = [
  { value: "inventory", label: "Inventory only: no names of people, no contents" },
  { value: "personal", label: "Personal too: names, addresses, paths of people" },
  { value: "content", label: "Contents too" },
] as const;

/** Adds a channel or changes one. What is secret is written here and never shown again. */
export function ChannelDialog({
  tenant,
  channel,
  has,
  onClose,
}: {
  tenant: string;
  /** The one to change; a new one without. */
  channel: Channel | null;
  /** Whether the tenant's plan has a feature. */
  has: (feature: string) => boolean;
  onClose: () => void;
}) {
  const save = useSaveChannel(tenant);
  const offered = channelKinds.filter(({ feature }) => has(feature));
  const [kind, setKind] = useState(channel?.kind ?? offered.at(0)?.kind ?? "email");
  const [severity, setSeverity] = useState<NonNullable<ChannelDraft["min_severity"]>>(
    channel?.min_severity ?? "low",
  );
  const [most, setMost] = useState<NonNullable<ChannelDraft["class"]>>(channel?.class ?? "inventory");
  const chosen = channelKinds.find((each) => each.kind === kind) ?? channelKinds[0];
  const refused = fieldErrors(save.error);
  if (save.data?.signing_key) {
    return (
      <SecretOnce
        title={`The signing key of ${save.data.name}`}
        explanation="The receiver checks each message with it. It shows only now."
        label="Signing key"
        secret={save.data.signing_key}
        onClose={onClose}
      />
    );
  }
  const submit = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const config: NonNullable<ChannelDraft["config"]> = {};
    for (const { key } of chosen.config) {
      if (key === "to")
        config.to = text("to")
          .split(/[\s,;]+/)
          .filter(Boolean);
      else if (text(key)) config[key] = text(key);
    }
    const secret = text("secret");
    save.mutate(
      {
        id: channel?.id,
        draft: {
          name: text("name"),
          kind: chosen.kind,
          config,
          ...(secret && { secret }),
          enabled: form.get("enabled") === "on",
          all_alerts: form.get("all_alerts") === "on",
          min_severity: severity,
          class: most,
          subject: text("subject"),
          body: text("body"),
        },
      },
      {
        onSuccess: (saved) => {
          if (saved.signing_key) return;
          notify(`Saved ${saved.name}`);
          onClose();
        },
      },
    );
  };
  const locked = channelKinds.length - offered.length;
  return (
    <FormDialog
      title={channel ? `Edit ${channel.name}` : "Add a channel"}
      description="Rules name the channels that they tell; one may also hear of every alert."
      verb="Save"
      pending={save.isPending}
      error={Object.keys(refused).length > 0 ? null : save.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {channel ? (
        <p className="text-fg-muted">{chosen.label}</p>
      ) : (
        <SelectField
          label="Kind"
          options={offered.map((each) => ({ value: each.kind, label: each.label }))}
          value={chosen.kind}
          onValue={setKind}
          hint={locked > 0 ? `${locked} further kinds come with a larger plan.` : undefined}
        />
      )}
      <Field
        label="Name"
        name="name"
        defaultValue={channel?.name}
        spellCheck={false}
        hint="Small letters, digits, . and -; rules name it so."
        error={refused["name"]}
      />
      {chosen.config.map(({ key, label, hint }) => (
        <Field
          key={`${chosen.kind} ${key}`}
          label={label}
          name={key}
          spellCheck={false}
          defaultValue={key === "to" ? (channel?.config.to ?? []).join(", ") : channel?.config[key]}
          hint={hint}
          error={refused[key]}
        />
      ))}
      {chosen.secret && (
        <Field
          key={`${chosen.kind} secret`}
          label={chosen.secret.label}
          name="secret"
          type="password"
          autoComplete="off"
          hint={
            channel?.secret_hint
              ? `Kept, it ends in ${channel.secret_hint}. Write one to replace it.`
              : chosen.secret.hint
          }
          error={refused["secret"]}
        />
      )}
      <SelectField label="Tells of" options={severities} value={severity} onValue={setSeverity} />
      <SelectField
        label="May hold"
        options={[...classes]}
        value={most}
        onValue={setMost}
        hint="What is above is left out of the messages."
      />
      <div className="flex flex-col gap-1">
        <label className="flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            name="all_alerts"
            className="size-3.5 accent-primary"
            defaultChecked={channel?.all_alerts ?? false}
          />
          Hears of every alert, also of rules that do not name it
        </label>
        <label className="flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            name="enabled"
            className="size-3.5 accent-primary"
            defaultChecked={channel?.enabled ?? true}
          />
          On
        </label>
      </div>
      <details>
        <summary className="min-h-6 cursor-pointer text-fg-muted">The message&apos;s own words</summary>
        <div className="mt-2 flex flex-col gap-4">
          <Field
            label="Subject"
            name="subject"
            defaultValue={channel?.subject}
            hint="A template; empty for the product's own."
            error={refused["subject"]}
          />
          <TextAreaField
            label="Body"
            name="body"
            defaultValue={channel?.body}
            hint="A template; empty for the product's own."
            error={refused["body"]}
          />
        </div>
      </details>
    </FormDialog>
  );
}
