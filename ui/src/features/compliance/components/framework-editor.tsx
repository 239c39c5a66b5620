import { useState } from "react";
import { FormDialog } from "@/components/form-dialog";
import { TextDiff } from "@/components/text-diff";
import { ErrorState } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { nameIn, YamlField } from "@/components/yaml-field";
import { notify } from "@/lib/toasts";
import { useFrameworkDocument, useSaveFramework } from "../api/frameworks";

/** The largest file that is read: the largest framework of the product has a tenth of it. */
const largestFile = 2 << 20;
const template = `framework: house-rules
title: House rules
source: The security board, 2026
licence: Ours
controls:
  - id: H.1
    title: No root over SSH
    group: Access
    checks: [ssh-root-login]
`;

/** Writes a framework as a document, from a file or an earlier one; what changes shows before anything is stored. */
export function FrameworkEditor({
  tenant,
  framework,
  onSaved,
  onClose,
}: {
  tenant: string;
  /** The framework that one starts from; a template without. */
  framework: string | null;
  onSaved: (framework: string) => void;
  onClose: () => void;
}) {
  const source = useFrameworkDocument(tenant, framework);
  const save = useSaveFramework(tenant);
  const [typed, setTyped] = useState<string | null>(null);
  const [reviewing, setReviewing] = useState(false);
  const [fileProblem, setFileProblem] = useState("");
  const before = framework ? (source.data ?? "") : "";
  const document = typed ?? (framework ? before : template);
  const named = nameIn(document, "framework");

  const read = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > largestFile) {
      setFileProblem("The file has more than 2 MB: that is no framework.");
      return;
    }
    setFileProblem("");
    setTyped(await file.text());
  };

  return (
    <FormDialog
      title={framework ? `Edit ${framework}` : "Import a framework"}
      description={
        framework
          ? "Saving stores it as this tenant's own copy; those below use it, too."
          : "As YAML or JSON: controls, and the checks that serve each."
      }
      verb={reviewing ? "Save" : "Review the changes"}
      pending={save.isPending}
      error={save.error}
      disabled={named === "" || (reviewing && document === before)}
      onSubmit={() => {
        if (!reviewing) {
          setReviewing(true);
          return;
        }
        save.mutate(
          { framework: named, document },
          {
            onSuccess: () => {
              notify(`Saved ${named}`);
              onSaved(named);
            },
          },
        );
      }}
      onClose={onClose}
    >
      {framework && source.isError ? (
        <ErrorState what="load the framework" error={source.error} retry={() => void source.refetch()} />
      ) : framework && !source.data ? (
        <div role="status">
          <span className="sr-only">Loading the framework</span>
          <Skeleton className="h-80" />
        </div>
      ) : reviewing ? (
        <>
          <TextDiff before={before} after={document} label={`What changes in ${named}`} />
          <Button
            variant="link"
            size="inline"
            className="self-start"
            onClick={() => {
              setReviewing(false);
              save.reset();
            }}
          >
            Go on writing
          </Button>
        </>
      ) : (
        <>
          <label className="flex flex-col gap-1.5 font-medium">
            From a file
            <input
              type="file"
              accept=".yaml,.yml,.json,application/json"
              className="text-xs font-normal text-fg-muted file:mr-2 file:h-7 file:rounded-sm file:border file:border-border-strong file:bg-surface file:px-2.5 file:text-fg"
              onChange={(event) => {
                void read(event.target.files?.[0]);
              }}
            />
            {fileProblem && (
              <span role="alert" className="text-xs font-normal text-bad-fg">
                {fileProblem}
              </span>
            )}
          </label>
          <YamlField
            value={document}
            onValue={setTyped}
            rows={16}
            note={named ? `Stored as ${named}.` : "Say `framework: name` in the first line."}
          />
        </>
      )}
    </FormDialog>
  );
}
