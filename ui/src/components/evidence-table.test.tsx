// @vitest-environment happy-dom
import "@/test/cleanup";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { EvidenceTable } from "./evidence-table";

const columns = ["keyword", "value", "path"];

describe("EvidenceTable", () => {
  it("marks the failing cell, says what was expected, and marks nothing else", () => {
    render(
      <EvidenceTable
        columns={columns}
        rows={[["permitrootlogin", "yes", "/etc/ssh/sshd_config"]]}
        failingColumns={["value"]}
        expected="no"
      />,
    );
    const failing = screen.getByRole("cell", { name: /yes/ });
    expect(within(failing).getByLabelText("fails:")).toBeTruthy();
    expect(failing.textContent).toContain("expected no");
    expect(screen.getAllByLabelText("fails:")).toHaveLength(1);
  });

  it("marks in each row the cells at fault there, and counts the rows that were cut", () => {
    render(
      <EvidenceTable
        columns={["path", "mode", "uid"]}
        rows={[
          ["/a", "0777", 0],
          ["/b", "0755", 1000],
        ]}
        failingColumns={["mode", "uid"]}
        failingCells={[["mode"], ["uid"]]}
        total={40}
      />,
    );
    const failing = screen.getAllByLabelText("fails:").map((mark) => mark.closest("td")?.textContent);
    expect(failing).toEqual(["0777", "1000"]);
    expect(screen.getByText("2 of 40 rows")).toBeTruthy();
  });

  it("writes NULL and shows hidden characters", () => {
    render(<EvidenceTable columns={["a", "b"]} rows={[[null, "\u202egpj.exe"]]} failingColumns={[]} />);
    expect(screen.getByRole("cell", { name: "NULL" })).toBeTruthy();
    expect(screen.getByRole("cell", { name: "⟨U+202E⟩gpj.exe" })).toBeTruthy();
  });

  it("keeps markup in a row as text", () => {
    const markup = "<img src=x onerror=alert(1)>";
    render(<EvidenceTable columns={["a"]} rows={[[markup]]} failingColumns={["a"]} />);
    expect(screen.getByText(markup)).toBeTruthy();
    expect(document.querySelector("img")).toBeNull();
  });

  it("goes from one failing cell to the next with N and back with P", async () => {
    render(
      <EvidenceTable
        columns={columns}
        rows={[
          ["a", 1, "x"],
          ["b", 2, "y"],
        ]}
        failingColumns={["value"]}
      />,
    );
    screen.getByRole("region", { name: "Failing rows" }).focus();
    await userEvent.keyboard("n");
    expect(document.activeElement?.textContent).toContain("1");
    await userEvent.keyboard("n");
    expect(document.activeElement?.textContent).toContain("2");
    await userEvent.keyboard("p");
    expect(document.activeElement?.textContent).toContain("1");
  });

  it("shows the first rows and all on demand", async () => {
    render(
      <EvidenceTable columns={["n"]} rows={Array.from({ length: 25 }, (_, n) => [n])} failingColumns={[]} />,
    );
    expect(screen.getAllByRole("row")).toHaveLength(21);
    await userEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(screen.getAllByRole("row")).toHaveLength(26);
  });
});
