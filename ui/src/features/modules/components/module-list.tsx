import { Badge } from "@/components/badge";
import { Fact } from "@/components/panel";
import { Peek } from "@/components/peek";
import { Card } from "@/components/record-list/card-list";
import type { RecordFacet } from "@/components/record-list/record-facets";
import { RecordList, type RecordSearch } from "@/components/record-list/record-list";
import { SelectField } from "@/components/select-field";
import { Button } from "@/components/ui/button";
import type { Listing } from "@/lib/api/client";
import type { Module } from "@/lib/api/types";
import { platformName } from "@/lib/platforms";
import { moduleColumns, moduleFields, moduleStates } from "./module-columns";

const noun = { one: "module", many: "modules" };
const idOf = ({ name }: Module) => name;
const facets: RecordFacet<Module>[] = [
  { column: "category", title: "Category", of: ({ category }) => category },
  { column: "state", title: "State", of: ({ state }) => moduleStates[state].word },
  { column: "class", title: "Privacy", of: ({ class: privacy }) => privacy },
  { column: "cost", title: "Cost", of: ({ cost }) => cost },
];
const options = (["collected", "live", "off"] as const).map((value) => ({
  value,
  label: moduleStates[value].word,
}));

/** Every table that agents can tell, with how far it is on and who says so. */
export function ModuleList({
  modules,
  stale,
  search,
  onSearch,
  onState,
}: {
  modules: Listing<Module>;
  stale: boolean;
  search: RecordSearch;
  onSearch: (change: Partial<RecordSearch>) => void;
  /** Absent when the person may not change modules. */
  onState?: (module: Module, state: Module["state"] | null) => void;
}) {
  return (
    <RecordList
      noun={noun}
      listing={modules}
      idOf={idOf}
      columns={moduleColumns}
      fields={moduleFields}
      facets={facets}
      stale={stale}
      search={search}
      onSearch={onSearch}
      card={(module) => (
        <Card
          title={<span className="font-mono">{module.name}</span>}
          badge={<Badge tone={moduleStates[module.state].tone}>{moduleStates[module.state].word}</Badge>}
          facts={[module.category, module.class, module.cost]}
        />
      )}
      peek={(_name, module) =>
        module && (
          <Peek
            label="Module"
            title={<span className="font-mono text-md">{module.name}</span>}
            badges={<Badge tone={moduleStates[module.state].tone}>{moduleStates[module.state].word}</Badge>}
            subtitle={module.doc}
            onClose={() => {
              onSearch({ sel: undefined });
            }}
          >
            <dl className="-mx-3.5 mb-4 border-b border-border">
              <Fact name="State">{moduleStates[module.state].purpose}</Fact>
              <Fact name="Said by">{module.own ? "This tenant" : module.from}</Fact>
              <Fact name="Category">{module.category}</Fact>
              <Fact name="Privacy class">{module.class}</Fact>
              <Fact name="Cost">{module.cost}</Fact>
              <Fact name="Platforms">{(module.platforms ?? []).map(platformName).join(", ")}</Fact>
            </dl>
            {onState &&
              (module.locked && !module.locked_here ? (
                <p className="text-fg-muted">{module.from} has locked it: only they can change it.</p>
              ) : (
                <div className="flex flex-col items-start gap-3">
                  <SelectField
                    className="w-full"
                    label="For this tenant and below"
                    options={options.filter(({ value }) => module.collectable || value !== "collected")}
                    value={module.state}
                    onValue={(state) => {
                      onState(module, state);
                    }}
                    hint="Agents hear of it within seconds."
                  />
                  {module.own && (
                    <Button
                      onClick={() => {
                        onState(module, null);
                      }}
                    >
                      Inherit again
                    </Button>
                  )}
                </div>
              ))}
          </Peek>
        )
      }
    />
  );
}
