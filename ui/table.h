#ifndef UI_TABLE_H
#define UI_TABLE_H
/* Rows under column titles: sorted, filtered, scrolled. The selection belongs
 * to a row's id, so it stays with that row while others come, go and change
 * places. Columns that do not fit leave by rank. The table borrows its rows:
 * load it before every draw and every action. One owner. */
#include "ui/canvas.h"
#include "ui/keys.h"
#include "ui/mirror.h"
#include "ui/tags.h"

struct column {
	const char *title;
	int width;	  /* columns it needs at least */
	int grow;	  /* share of the width that is left over; 0: none */
	int rank;	  /* 0 stays for ever; the highest leaves first */
	enum align align;
	/* Appends the cell's text and returns its style. */
	enum style (*fmt)(const struct mirror *m, const void *row,
		struct str *out);
	int (*cmp)(const void *a, const void *b); /* least first */
	bool descending; /* sorting by it begins with the greatest */
};

struct table_spec {
	const struct column *columns;
	size_t columns_n;
	const char *(*id)(const void *row);
	/* Appends all that the filter looks at. */
	void (*search)(const void *row, struct str *out);
	const char *empty; /* said when there is no row at all */
};

struct table {
	const struct table_spec *spec;
	const void **rows; /* those shown, in order */
	size_t n, total;
	struct tags tags;
	const void **tagged; /* in order, those that the filter hides among them */
	size_t tagged_n;
	size_t sort; /* column */
	bool invert;
	char *filter;	/* folded; NULL or "" for none */
	char *selected; /* id; NULL when there was never a row */
	size_t at;	/* where the selection is in rows */
	size_t top;	/* first row on the screen */
	size_t page;	/* rows on the screen at the last draw */
	size_t skip;	/* columns scrolled out at the left, after the first */
	struct rect at_rect; /* where it was drawn, its header in the first line */
};

void table_init(struct table *t, const struct table_spec *spec, size_t sort);
void table_clear(struct table *t);
void table_load(struct table *t, const void *const *rows, size_t n);
void table_filter(struct table *t, const char *text);
void table_draw(struct table *t, const struct mirror *m, struct canvas *c,
	struct rect r);
/* True when it was an action of lists. */
bool table_act(struct table *t, enum action a);
/* The selected row; NULL when there is none. */
const void *table_row(const struct table *t);
/* What an action is for: the tagged rows, or without any the selected one. */
const void *const *table_chosen(const struct table *t, size_t *n);
/* Selects the next row (step 1) or the one before (-1) that has one of the '|'
 * alternatives of `fold`, which is in lower case, round the ends; from: the
 * selected one counts, too. *at and *of: the how-manieth of how many it is;
 * false: there is none. */
bool table_find(struct table *t, const char *fold, int step, bool from, size_t *at,
	size_t *of);

/* A click on the cell: sorts by that column, the other way round when it does
 * already; or selects that row. False: it is none of the table's. */
bool table_click(struct table *t, int x, int y);

/* For cmp functions. */
int compare_text(const char *a, const char *b);
#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))
#endif
