import { Profile } from "@/features/settings/components/profile";
import { SecondFactor } from "@/features/settings/components/second-factor";
import { Sessions } from "@/features/settings/components/sessions";
import { TenantSettings } from "@/features/settings/components/tenant-settings";
import { Tokens } from "@/features/settings/components/tokens";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { useCan } from "@/hooks/use-me";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";

/** One's own account: who one is, how one signs in, and what acts in one's name. */
export function SettingsPage() {
  const tenant = useTenant();
  const can = useCan();
  useTitle("Settings", tenant);
  useBreadcrumb([{ label: "Settings" }]);
  return (
    <>
      <PageHeader
        title="Settings"
        answer="Your account, what acts in your name, and what holds for this tenant"
      />
      <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-8 max-sm:px-4">
        <div className="flex max-w-180 flex-col gap-3">
          <Profile />
          <SecondFactor />
          <Sessions />
          <Tokens tenant={tenant} />
          {can("settings.read") && <TenantSettings tenant={tenant} canManage={can("settings.manage")} />}
        </div>
      </div>
    </>
  );
}
