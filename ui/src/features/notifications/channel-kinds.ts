import type { paths } from "@/lib/api/schema";

export type ChannelDraft = paths["/api/v1/channels"]["post"]["requestBody"]["content"]["application/json"];
export type ChannelKind = ChannelDraft["kind"];
type ConfigKey = Exclude<keyof NonNullable<ChannelDraft["config"]>, "to">;

interface Kind {
  kind: ChannelKind;
  label: string;
  /** The plan's feature that it needs. */
  feature: "alerts" | "chat_integration" | "connectors";
  /** What it is told of where to send; `to` are addresses. */
  config: { key: ConfigKey | "to"; label: string; hint?: string }[];
  /** Its secret, which is written and never read again. */
  secret?: { label: string; hint: string; optional?: boolean };
}

/** The kinds of channels with what each wants to know. */
export const channelKinds: Kind[] = [
  {
    kind: "email",
    label: "E-mail",
    feature: "alerts",
    config: [{ key: "to", label: "To", hint: "Addresses, with commas between them; 50 at most." }],
  },
  {
    kind: "webhook",
    label: "Webhook",
    feature: "chat_integration",
    config: [{ key: "url", label: "Address", hint: "https; it gets a signed message as JSON." }],
    secret: {
      label: "Signing key",
      hint: "whsec_ and 24 to 64 bytes in base64. Left out, one is made and shown once.",
      optional: true,
    },
  },
  {
    kind: "slack",
    label: "Slack",
    feature: "chat_integration",
    config: [],
    secret: { label: "Incoming webhook", hint: "The address that Slack gave." },
  },
  {
    kind: "teams",
    label: "Microsoft Teams",
    feature: "chat_integration",
    config: [],
    secret: { label: "Incoming webhook", hint: "The address that Teams gave." },
  },
  {
    kind: "discord",
    label: "Discord",
    feature: "chat_integration",
    config: [],
    secret: { label: "Webhook", hint: "The address that Discord gave." },
  },
  {
    kind: "telegram",
    label: "Telegram",
    feature: "chat_integration",
    config: [{ key: "chat_id", label: "Chat" }],
    secret: { label: "Bot token", hint: "From BotFather." },
  },
  {
    kind: "pagerduty",
    label: "PagerDuty",
    feature: "chat_integration",
    config: [],
    secret: { label: "Routing key", hint: "Of an Events API v2 integration." },
  },
  {
    kind: "opsgenie",
    label: "Opsgenie",
    feature: "chat_integration",
    config: [{ key: "region", label: "Region", hint: "us or eu." }],
    secret: { label: "API key", hint: "Of an API integration." },
  },
  {
    kind: "jira",
    label: "Jira",
    feature: "connectors",
    config: [
      { key: "url", label: "Address", hint: "As in https://example.atlassian.net" },
      { key: "project", label: "Project", hint: "Its key, as in OPS." },
      { key: "issue_type", label: "Type of issue", hint: "As in Task." },
      { key: "user", label: "User", hint: "The e-mail address whose token is used." },
    ],
    secret: { label: "API token", hint: "It belongs to this address and user; another wants it anew." },
  },
];

export function kindLabel(kind: string): string {
  return channelKinds.find((each) => each.kind === kind)?.label ?? kind;
}
