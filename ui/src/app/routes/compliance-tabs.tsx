import { LinkTabs } from "@/components/link-tabs";
import { useTenant } from "@/hooks/use-tenant";

/** The ways to look at compliance. */
export function ComplianceTabs() {
  const params = { tenant: useTenant() };
  return (
    <LinkTabs
      label="Compliance"
      tabs={[
        { label: "Checks", link: { to: "/t/$tenant/compliance", params }, exact: true },
        { label: "Frameworks", link: { to: "/t/$tenant/compliance/frameworks", params } },
        { label: "Waivers", link: { to: "/t/$tenant/compliance/waivers", params } },
      ]}
    />
  );
}
