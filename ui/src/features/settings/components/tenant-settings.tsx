import { Lock, RotateCcw } from "lucide-react";
import { useState } from "react";
import { Panel } from "@/components/panel";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { explain } from "@/lib/api/problem";
import { notify } from "@/lib/toasts";
import { useSetSetting, useTenantSettings } from "../api/tenant-settings";

type Setting = NonNullable<ReturnType<typeof useTenantSettings>["data"]>[number];
type Value = string | number | boolean;

/** Names of the settings; one that a newer server has besides shows by its key. */
const names: Record<string, string> = {
  "privacy.allowed_class": "What agents may tell",
  "access.support": "Access from above",
  "branding.name": "Name",
  "branding.colour": "Colour",
  "branding.logo": "Logo",
  "retention.rows_days": "Keep past rows",
  "retention.findings_days": "Keep resolved findings",
  "retention.audit_days": "Keep the audit log",
  "retention.exports_days": "Keep exports",
};
const choices: Record<string, { value: string; label: string }[]> = {
  "privacy.allowed_class": [
    { value: "inventory", label: "Inventory" },
    { value: "personal", label: "Inventory and personal" },
    { value: "content", label: "Contents too" },
  ],
};
/** The server takes a logo of at most so many bytes. */
const largestLogo = 512 << 10;

/** What holds for a tenant: privacy, access, branding, how long things are kept; with who said so. */
export function TenantSettings({ tenant, canManage }: { tenant: string; canManage: boolean }) {
  const settings = useTenantSettings(tenant);
  return (
    <Panel title="This tenant">
      {settings.isError ? (
        <ErrorState what="load the settings" error={settings.error} retry={() => void settings.refetch()} />
      ) : !settings.data ? (
        <div role="status" className="p-3.5">
          <span className="sr-only">Loading the settings</span>
          <Skeleton className="h-60" />
        </div>
      ) : (
        <ul className="mt-1">
          {settings.data.map((setting) => (
            <Row
              key={`${setting.key} ${String(setting.value)}`}
              tenant={tenant}
              setting={setting}
              canManage={canManage}
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ tenant, setting, canManage }: { tenant: string; setting: Setting; canManage: boolean }) {
  const set = useSetSetting(tenant);
  const name = names[setting.key] ?? setting.key;
  const value = setting.value as Value;
  const [typed, setTyped] = useState(String(value));
  const locked = setting.locked && !setting.locked_here;
  const change = (next: Value | null) => {
    set.mutate(
      { key: setting.key, value: next },
      {
        onSuccess: () => {
          notify(next === null ? `${name}: what is inherited holds again` : `Saved: ${name}`);
        },
        onError: (error) => {
          notify(`Could not save it. ${explain(error)}`, "bad");
        },
      },
    );
  };
  const disabled = !canManage || locked || set.isPending;
  const readLogo = (file: File | undefined) => {
    if (!file) return;
    if (file.size > largestLogo) {
      notify("The logo has more than 512 KiB.", "bad");
      return;
    }
    const reader = new FileReader();
    reader.onload = () => {
      change(String(reader.result));
    };
    reader.readAsDataURL(file);
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-border px-3.5 py-2">
      <div className="min-w-60 flex-1">
        <p className="flex items-center gap-1.5 font-[550]">
          {name}
          {locked && <Lock size={12} className="text-fg-subtle" aria-label="Locked from above" />}
        </p>
        <p className="text-xs text-fg-muted">
          {setting.doc}{" "}
          {setting.own ? "Said here." : setting.from ? `Said by ${setting.from}.` : "The product's own."}
        </p>
      </div>
      {typeof value === "boolean" ? (
        <label className="flex min-h-7 items-center gap-2">
          <input
            type="checkbox"
            className="size-3.5 accent-primary"
            checked={value}
            disabled={disabled}
            onChange={(event) => {
              change(event.target.checked);
            }}
          />
          <span className="sr-only">{name}: </span>
          {value ? "Allowed" : "Refused"}
        </label>
      ) : choices[setting.key] ? (
        <select
          aria-label={name}
          className="h-7 rounded-sm border border-border-control bg-surface px-2 max-md:h-9 dark:bg-sunken"
          value={value}
          disabled={disabled}
          onChange={(event) => {
            change(event.target.value);
          }}
        >
          {choices[setting.key].map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : setting.key === "branding.logo" ? (
        <label className="flex items-center gap-2 text-xs text-fg-muted">
          {value ? "Set" : "None"}
          <span className="sr-only">{name}</span>
          <input
            type="file"
            accept="image/png,image/jpeg"
            disabled={disabled}
            className="w-44 file:mr-2 file:h-7 file:rounded-sm file:border file:border-border-strong file:bg-surface file:px-2.5 file:text-fg"
            onChange={(event) => {
              readLogo(event.target.files?.[0]);
            }}
          />
        </label>
      ) : (
        <form
          className="flex items-center gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            change(typeof value === "number" ? Number(typed) : typed.trim());
          }}
        >
          <Input
            aria-label={name}
            className="w-36"
            type={typeof value === "number" ? "number" : "text"}
            value={typed}
            disabled={disabled}
            onChange={(event) => {
              setTyped(event.target.value);
            }}
          />
          {typeof value === "number" && <span className="text-fg-muted">days</span>}
          {typed !== String(value) && (
            <Button type="submit" variant="primary" disabled={disabled}>
              Save
            </Button>
          )}
        </form>
      )}
      {setting.own && canManage && (
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Have what is inherited hold again: ${name}`}
          disabled={set.isPending}
          onClick={() => {
            change(null);
          }}
        >
          <RotateCcw size={15} strokeWidth={1.75} />
        </Button>
      )}
    </li>
  );
}
