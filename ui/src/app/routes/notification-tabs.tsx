import { LinkTabs } from "@/components/link-tabs";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";

/** What was sent, and whom to. */
export function NotificationTabs() {
  const params = { tenant: useTenant() };
  const can = useCan();
  return (
    <LinkTabs
      label="Notifications"
      tabs={[
        { label: "History", link: { to: "/t/$tenant/notifications", params }, exact: true },
        ...(can("settings.read")
          ? [{ label: "Channels", link: { to: "/t/$tenant/notifications/channels", params } } as const]
          : []),
      ]}
    />
  );
}
