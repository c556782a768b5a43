#ifndef UI_CSV_H
#define UI_CSV_H
/* A table as text for other programs: CSV after RFC 4180 for files, lines with
 * tabs between the cells for the clipboard. Control characters and what is no
 * UTF-8 come as they are told everywhere else, so neither can carry an escape
 * sequence. Pure. */
#include "ui/table.h"

/* All columns, also those that do not fit on the screen, before them the row's
 * id; all rows that the filter lets through, or the tagged ones when there are
 * any.
 * A spreadsheet takes a cell that begins with = + - @ (or a tab) for a formula,
 * and names come from strangers: such a cell gets a ' before it, which
 * spreadsheets hide. Plain numbers ("-5", "+1.5") stay numbers. */
void csv_table(const struct table *t, const struct mirror *m, struct str *out);
/* The chosen rows (table_chosen()), a line each; stops at a row that would make it
 * longer than max bytes. Returns how many rows it has. */
size_t csv_copy(const struct table *t, const struct mirror *m, size_t max, struct str *out);
/* Their ids, in the same way. */
size_t csv_copy_ids(const struct table *t, size_t max, struct str *out);
#endif
