import type { ComponentChildren } from "preact";

export interface Column<T> {
  key: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers stand to the right, below each other. */
  isNumber?: boolean;
  /** Left out on a phone. */
  isMinor?: boolean;
}

interface Choosing<T> {
  keys: ReadonlySet<string>;
  set: (keys: Set<string>) => void;
  label: string;
  nameOf: (row: T) => string;
}

interface TableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string;
  /** With this, each row has a box to choose it by, which is called "Choose" and what `nameOf` says. */
  chosen?: Choosing<T>;
}

export function Table<T>({ label, columns, rows, keyOf, chosen }: TableProps<T>) {
  const isAll = chosen !== undefined && rows.length > 0 && rows.every((row) => chosen.keys.has(keyOf(row)));
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {chosen && (
              <th class="cell-check">
                <input
                  type="checkbox"
                  aria-label={chosen.label}
                  checked={isAll}
                  onChange={() => chosen.set(isAll ? new Set() : new Set(rows.map(keyOf)))}
                />
              </th>
            )}
            {columns.map((column) => (column.title
              ? <th key={column.key} scope="col" class={cellClass(column)}>{column.title}</th>
              : <td key={column.key} class={cellClass(column)} />))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} aria-selected={chosen?.keys.has(keyOf(row))}>
              {chosen && (
                <td class="cell-check">
                  <input
                    type="checkbox"
                    aria-label={`${chosen.label} ${chosen.nameOf(row)}`}
                    checked={chosen.keys.has(keyOf(row))}
                    onChange={() => chosen.set(toggled(chosen.keys, keyOf(row)))}
                  />
                </td>
              )}
              {columns.map((column) => (
                <td key={column.key} class={cellClass(column)}>{column.cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass<T>(column: Column<T>): string {
  return `${column.isNumber ? "cell-number " : ""}${column.isMinor ? "cell-minor" : ""}`;
}

export function toggled(keys: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}
