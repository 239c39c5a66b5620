import { LinkTabs } from "@/components/link-tabs";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";

/** The pages about who may do what in a tenant. */
export function PeopleTabs() {
  const params = { tenant: useTenant() };
  const can = useCan();
  return (
    <LinkTabs
      label="Users and roles"
      tabs={[
        ...(can("users.read")
          ? [{ label: "People", link: { to: "/t/$tenant/people", params }, exact: true } as const]
          : []),
        ...(can("audit.read")
          ? [{ label: "Access from above", link: { to: "/t/$tenant/people/grants", params } } as const]
          : []),
      ]}
    />
  );
}
