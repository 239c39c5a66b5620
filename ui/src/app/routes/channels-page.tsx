import { getRouteApi } from "@tanstack/react-router";
import { Megaphone, Plus } from "lucide-react";
import { useState } from "react";
import { useChannels } from "@/features/notifications/api/channels";
import { ChannelDialog } from "@/features/notifications/components/channel-dialog";
import { ChannelList } from "@/features/notifications/components/channel-list";
import { useBreadcrumb } from "@/components/breadcrumb";
import { PageHeader } from "@/components/page-header";
import { ListingStates } from "@/components/record-list/listing-states";
import { EmptyState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { useDialog } from "@/hooks/use-dialog";
import { useCan, useHas } from "@/hooks/use-me";
import { useSearchChange } from "@/hooks/use-search-change";
import { useTenant } from "@/hooks/use-tenant";
import { useTitle } from "@/hooks/use-title";
import type { Channel } from "@/lib/api/types";
import { plural } from "@/lib/format";
import { NotificationTabs } from "./notification-tabs";

const route = getRouteApi("/t/$tenant/notifications/channels");

/** Whom are alerts told to, and does it arrive? */
export function ChannelsPage() {
  const tenant = useTenant();
  const search = route.useSearch();
  const onSearch = useSearchChange<typeof search>();
  const can = useCan();
  const has = useHas();
  const channels = useChannels(tenant);
  const [adding, setAdding] = useDialog("add", can("settings.manage"));
  const [editing, setEditing] = useState<Channel | null>(null);
  useTitle("Channels", tenant);
  useBreadcrumb([{ label: "Notifications" }, { label: "Channels" }]);
  const add = can("settings.manage") && (
    <Button
      variant="primary"
      onClick={() => {
        setAdding(true);
      }}
    >
      <Plus size={15} strokeWidth={1.75} aria-hidden />
      Add channel
    </Button>
  );
  return (
    <>
      <PageHeader title="Channels" answer={channels.data && summary(channels.data.items)} actions={add} />
      <NotificationTabs />
      <ListingStates
        query={channels}
        what="the channels"
        empty={
          <EmptyState icon={Megaphone} title="Alerts are told to nobody yet" action={add}>
            They show at the bell. A channel also sends them by mail, chat, webhook or ticket.
          </EmptyState>
        }
      >
        {(listing, stale) => (
          <ChannelList
            tenant={tenant}
            channels={listing}
            stale={stale}
            search={search}
            onSearch={onSearch}
            onEdit={can("settings.manage") ? setEditing : undefined}
          />
        )}
      </ListingStates>
      {(adding || editing) && (
        <ChannelDialog
          tenant={tenant}
          channel={editing}
          has={has}
          onClose={() => {
            if (editing) setEditing(null);
            else setAdding(false);
          }}
        />
      )}
    </>
  );
}

function summary(channels: Channel[]): string {
  const on = channels.filter(({ enabled }) => enabled);
  const all = on.filter(({ all_alerts }) => all_alerts);
  return `${plural(on.length, "channel is", "channels are")} on, ${all.length === 0 ? "none hears" : plural(all.length, "hears", "hear")} of every alert`;
}
