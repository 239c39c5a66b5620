import { getRouteApi } from "@tanstack/react-router";
import { Send } from "lucide-react";
import { NotificationList } from "@/features/notifications/components/notification-list";
import { useNotifications, useReplay } from "@/features/notifications/api/notifications";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { LoadOlder } from "@/components/record-list/load-older";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { useCan } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import { pagesOf } from "@/lib/api/client";
import { explain } from "@/lib/api/problem";
import { notify } from "@/lib/toasts";
import { NotificationTabs } from "./notification-tabs";

const route = getRouteApi("/t/$tenant/notifications");

/** Did it reach someone? */
export function NotificationsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const sent = useNotifications(tenant);
  const replay = useReplay(tenant);
  useTitle("Notifications", tenant);
  useBreadcrumb([{ label: "Notifications" }]);

  return (
    <>
      <PageHeader
        title="Notifications"
        answer="Every message, with its tries, and what was held back and why"
        actions={<LoadOlder query={sent} />}
      />
      <NotificationTabs />
      <ListingStates
        query={{ ...sent, data: pagesOf(sent) }}
        what="the notifications"
        empty={
          <EmptyState icon={Send} title="Nothing sent yet">
            Alerts go to the channels that their rule names.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <NotificationList
            tenant={tenant}
            notifications={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onReplay={
              can("findings.manage")
                ? (each) => {
                    replay.mutate(each.id, {
                      onSuccess: () => {
                        notify(`Sending again: ${each.subject}`);
                      },
                      onError: (error) => {
                        notify(`Could not send it again. ${explain(error)}`, "bad");
                      },
                    });
                  }
                : undefined
            }
          />
        )}
      </ListingStates>
    </>
  );
}
