#include "ui/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct row {
	const char *id;
	int n;
};

static enum style cell_id(const struct mirror *m, const void *row,
	struct str *out)
{
	(void)m;
	str_add(out, ((const struct row *)row)->id);
	return STYLE_NORMAL;
}

static enum style cell_n(const struct mirror *m, const void *row,
	struct str *out)
{
	(void)m;
	str_printf(out, "%d", ((const struct row *)row)->n);
	return STYLE_NORMAL;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->id, ((const struct row *)b)->id);
}

static int by_n(const void *a, const void *b)
{
	return COMPARE(((const struct row *)a)->n, ((const struct row *)b)->n);
}

static const char *row_id(const void *row)
{
	return ((const struct row *)row)->id;
}

static void row_search(const void *row, struct str *out)
{
	str_add(out, row_id(row));
}

static const struct column columns[] = {
	{"Name", 6, 1, 0, ALIGN_LEFT, cell_id, by_id, false},
	{"N", 3, 0, 1, ALIGN_RIGHT, cell_n, by_n, true},
	{"Extra", 8, 0, 2, ALIGN_LEFT, cell_id, NULL, false},
};
static const struct table_spec spec = {columns, 3, row_id, row_search,
	"empty"};
static const struct row rows[] = {{"delta", 4}, {"Alpha", 1}, {"beta", 9},
	{"gamma", 4}};

static void load(struct table *t, size_t n)
{
	const void *p[ARRAY_SIZE(rows)];

	for (size_t i = 0; i < n; i++)
		p[i] = &rows[i];
	table_load(t, p, n);
}

static void order_is(struct table *t, const char *ids)
{
	struct str s = STR_INIT;

	load(t, ARRAY_SIZE(rows));
	for (size_t i = 0; i < t->n; i++)
		str_printf(&s, "%s ", row_id(t->rows[i]));
	assert_string_equal(str_cstr(&s), ids);
	str_clear(&s);
}

static void test_sort(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, &spec, 0);
	order_is(&t, "Alpha beta delta gamma ");
	table_act(&t, ACTION_SORT_INVERT);
	order_is(&t, "gamma delta beta Alpha ");
	/* The greatest first, and equal ones in the order of their ids. */
	table_act(&t, ACTION_SORT_NEXT);
	order_is(&t, "beta delta gamma Alpha ");
	/* Columns without an order are passed over. */
	table_act(&t, ACTION_SORT_NEXT);
	assert_int_equal(t.sort, 0);
	table_act(&t, ACTION_SORT_PREV);
	assert_int_equal(t.sort, 1);
	table_clear(&t);
}

static void test_selection(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, &spec, 0);
	assert_null(table_row(&t));
	load(&t, 4);
	assert_string_equal(row_id(table_row(&t)), "Alpha");
	table_act(&t, ACTION_LAST);
	assert_string_equal(t.selected, "gamma");
	table_act(&t, ACTION_DOWN);
	assert_string_equal(t.selected, "gamma");
	table_act(&t, ACTION_UP);
	table_act(&t, ACTION_SORT_INVERT);
	load(&t, 4);
	assert_string_equal(row_id(table_row(&t)), "delta");
	assert_int_equal(t.at, 1);
	load(&t, 0);
	assert_null(table_row(&t));
	table_act(&t, ACTION_PAGE_DOWN);
	load(&t, 4);
	assert_string_equal(row_id(table_row(&t)), "delta");
	table_clear(&t);
}

static void test_filter(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, &spec, 0);
	table_filter(&t, "ALPHA|mm");
	order_is(&t, "Alpha gamma ");
	table_filter(&t, "x");
	order_is(&t, "");
	table_act(&t, ACTION_FILTER_CLEAR);
	order_is(&t, "Alpha beta delta gamma ");
	table_clear(&t);
}

/* Marks stay with their rows, whatever becomes of the order and the filter. */
static void test_tags(void **state)
{
	const void *const *chosen;
	struct table t;
	size_t n;

	(void)state;
	table_init(&t, &spec, 0);
	load(&t, 4);
	chosen = table_chosen(&t, &n);
	assert_int_equal(n, 1);
	assert_string_equal(row_id(chosen[0]), "Alpha");
	/* Space goes on to the next row. */
	table_act(&t, ACTION_TAG);
	table_act(&t, ACTION_TAG);
	assert_string_equal(t.selected, "delta");
	table_act(&t, ACTION_SORT_INVERT);
	load(&t, 4);
	chosen = table_chosen(&t, &n);
	assert_int_equal(n, 2);
	assert_string_equal(row_id(chosen[0]), "beta");
	assert_string_equal(row_id(chosen[1]), "Alpha");
	table_filter(&t, "delta");
	load(&t, 4);
	assert_int_equal(t.n, 1);
	table_chosen(&t, &n);
	assert_int_equal(n, 2);
	/* A row that goes takes its mark with it. */
	table_filter(&t, "");
	load(&t, 2);
	load(&t, 4);
	chosen = table_chosen(&t, &n);
	assert_int_equal(n, 1);
	assert_string_equal(row_id(chosen[0]), "Alpha");
	table_act(&t, ACTION_UNTAG);
	load(&t, 4);
	table_chosen(&t, &n);
	assert_int_equal(n, 1);
	assert_int_equal(t.tagged_n, 0);
	load(&t, 0);
	table_act(&t, ACTION_TAG);
	table_chosen(&t, &n);
	assert_int_equal(n, 0);
	table_clear(&t);
}

static void found(struct table *t, const char *text, int step, bool from, const char *id,
	size_t at, size_t of)
{
	size_t is, all;

	assert_true(table_find(t, text, step, from, &is, &all));
	assert_string_equal(t->selected, id);
	assert_int_equal(is, at);
	assert_int_equal(all, of);
}

/* Goes round, hides nothing. */
static void test_find(void **state)
{
	struct table t;
	size_t at, of;

	(void)state;
	table_init(&t, &spec, 0);
	assert_false(table_find(&t, "a", 1, true, &at, &of));
	load(&t, 4);
	found(&t, "ta", 1, true, "beta", 1, 2);
	found(&t, "ta", 1, true, "beta", 1, 2);
	found(&t, "ta", 1, false, "delta", 2, 2);
	found(&t, "ta", 1, false, "beta", 1, 2);
	found(&t, "ta", -1, false, "delta", 2, 2);
	found(&t, "gam|alp", -1, false, "Alpha", 1, 2);
	found(&t, "alpha", 1, false, "Alpha", 1, 1);
	assert_false(table_find(&t, "omega", 1, false, &at, &of));
	assert_string_equal(t.selected, "Alpha");
	assert_int_equal(t.n, 4);
	table_clear(&t);
}

/* Titles sort, rows are selected, the rest is nobody's. */
static void test_click(void **state)
{
	struct canvas c;
	struct table t;

	(void)state;
	table_init(&t, &spec, 0);
	load(&t, 4);
	assert_false(table_click(&t, 0, 0)); /* drawn nowhere yet */
	canvas_init(&c, 30, 6, GLYPHS_ASCII);
	table_draw(&t, NULL, &c, (struct rect){2, 1, 24, 4});
	assert_true(table_click(&t, 5, 3));
	assert_string_equal(t.selected, "beta");
	assert_false(table_click(&t, 1, 3));
	assert_false(table_click(&t, 5, 5));
	assert_false(table_click(&t, 5, 0));
	assert_true(table_click(&t, 2, 1));
	assert_int_equal(t.sort, 0);
	assert_true(t.invert);
	assert_true(table_click(&t, 14, 1));
	assert_int_equal(t.sort, 1);
	assert_false(t.invert);
	assert_true(table_click(&t, 24, 1)); /* nothing sorts that one */
	assert_int_equal(t.sort, 1);
	canvas_clear(&c);
	table_clear(&t);
}

static void drawn_is(struct table *t, int w, int h, const char *text)
{
	struct str s = STR_INIT;
	struct canvas c;

	canvas_init(&c, w, h, GLYPHS_ASCII);
	table_draw(t, NULL, &c, (struct rect){0, 0, w, h});
	canvas_dump(&c, &s);
	assert_string_equal(s.s, text);
	str_clear(&s);
	canvas_clear(&c);
}

static void test_draw(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, &spec, 0);
	load(&t, 4);
	drawn_is(&t, 21, 3, "Name^      N Extra\n"
		"Alpha      1 Alpha\nbeta       9 beta\n");
	/* Columns leave by rank, and the first one stays. */
	drawn_is(&t, 12, 2, "Name^      N\nAlpha      1\n");
	drawn_is(&t, 4, 2, "Nam~\nAlp~\n");
	/* The selection is always in sight. */
	table_act(&t, ACTION_LAST);
	drawn_is(&t, 12, 3, "Name^      N\ndelta      4\ngamma      4\n");
	table_act(&t, ACTION_RIGHT);
	drawn_is(&t, 18, 2, "Name^     Extra\ngamma     gamma\n");
	/* Marks are characters, in columns of their own while there are any. */
	table_act(&t, ACTION_LEFT);
	table_act(&t, ACTION_FIRST);
	table_act(&t, ACTION_TAG);
	table_act(&t, ACTION_FIRST);
	load(&t, 4);
	drawn_is(&t, 14, 3, "  Name^      N\n* Alpha      1\n  beta       9\n");
	table_act(&t, ACTION_UNTAG);
	table_act(&t, ACTION_RIGHT);
	load(&t, 0);
	drawn_is(&t, 12, 3, "Name^\n\n empty\n");
	table_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_click),
		cmocka_unit_test(test_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
