/* Tables as text: quoted, harmless to a spreadsheet and to a terminal, bounded. */
#include "ui/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void cell_is(const char *text, const char *want)
{
	struct str s = STR_INIT;

	str_add_csv(&s, text);
	assert_string_equal(str_cstr(&s), want);
	str_clear(&s);
}

static void cells_are_quoted(void **state)
{
	(void)state;
	cell_is("", "");
	cell_is("plain text", "plain text");
	cell_is("a,b", "\"a,b\"");
	cell_is("say \"hi\"", "\"say \"\"hi\"\"\"");
	cell_is(" leading", "\" leading\"");
	cell_is("caf\xc3\xa9", "caf\xc3\xa9");
}

/* What a stranger calls a stream is never a formula. */
static void formulas_are_texts(void **state)
{
	(void)state;
	cell_is("=1+1", "\"'=1+1\"");
	cell_is("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
	cell_is("@SUM(A1)", "\"'@SUM(A1)\"");
	cell_is("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\"");
	cell_is("-2+3", "\"'-2+3\"");
	cell_is("-", "\"'-\"");
	cell_is("\t=1", "\"'\\x09=1\"");
	/* Numbers are. */
	cell_is("-5", "-5");
	cell_is("+1.25", "+1.25");
	cell_is("-1.2.3", "\"'-1.2.3\"");
}

static void nothing_is_obeyed(void **state)
{
	(void)state;
	cell_is("a\r\nb", "a\\x0d\\x0ab");
	cell_is("\x1b[2J", "\\x1b[2J");
	cell_is("\xe2\x80\xae", "\\xe2\\x80\\xae");
	cell_is("\xff", "\\xff");
}

/* --- tables --- */

struct row {
	const char *id, *name;
};

static enum style cell_name(const struct mirror *m, const void *row, struct str *out)
{
	(void)m;
	str_add(out, ((const struct row *)row)->name);
	return STYLE_NORMAL;
}

static const char *row_id(const void *row)
{
	return ((const struct row *)row)->id;
}

static void search(const void *row, struct str *out)
{
	str_add(out, ((const struct row *)row)->name);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(row_id(a), row_id(b));
}

static const struct column columns[] = {
	{"Name", 4, 0, 0, ALIGN_LEFT, cell_name, by_id, false},
	{"Again, \"more\"", 90, 0, 1, ALIGN_LEFT, cell_name, NULL, false},
};
static const struct table_spec spec = {columns, 2, row_id, search, ""};
static const struct row rows[] = {{"1", "one"}, {"2", "=two"}, {"3", "th\tree"}};

static void begin(struct table *t)
{
	const void *p[] = {&rows[0], &rows[1], &rows[2]};

	table_init(t, &spec, 0);
	table_load(t, p, 3);
}

static void whole_tables_and_tagged_rows(void **state)
{
	const void *p[] = {&rows[0], &rows[1], &rows[2]};
	struct str s = STR_INIT;
	struct table t;

	(void)state;
	begin(&t);
	csv_table(&t, NULL, &s);
	assert_string_equal(s.s, "id,Name,\"Again, \"\"more\"\"\"\r\n1,one,one\r\n"
		"2,\"'=two\",\"'=two\"\r\n3,th\\x09ree,th\\x09ree\r\n");
	table_act(&t, ACTION_TAG);
	table_act(&t, ACTION_DOWN);
	table_act(&t, ACTION_TAG);
	/* Tagged rows count though the filter hides them. */
	table_filter(&t, "two");
	table_load(&t, p, 3);
	str_truncate(&s, 0);
	csv_table(&t, NULL, &s);
	assert_non_null(strstr(s.s, "\r\n1,"));
	assert_null(strstr(s.s, "\r\n2,"));
	assert_non_null(strstr(s.s, "\r\n3,"));
	table_act(&t, ACTION_UNTAG);
	table_load(&t, p, 3);
	str_truncate(&s, 0);
	csv_table(&t, NULL, &s);
	assert_null(strstr(s.s, "\r\n1,"));
	assert_non_null(strstr(s.s, "\r\n2,"));
	str_clear(&s);
	table_clear(&t);
}

static void copies_are_bounded(void **state)
{
	struct str s = STR_INIT;
	struct table t;

	(void)state;
	begin(&t);
	assert_int_equal(csv_copy(&t, NULL, 100, &s), 1);
	assert_string_equal(s.s, "one\tone");
	str_truncate(&s, 0);
	for (int i = 0; i < 3; i++)
		table_act(&t, ACTION_TAG);
	table_load(&t, (const void *[]){&rows[0], &rows[1], &rows[2]}, 3);
	assert_int_equal(csv_copy(&t, NULL, 100, &s), 3);
	assert_string_equal(s.s, "one\tone\n=two\t=two\nth\\x09ree\tth\\x09ree");
	str_truncate(&s, 0);
	assert_int_equal(csv_copy(&t, NULL, 20, &s), 2);
	str_truncate(&s, 0);
	assert_int_equal(csv_copy(&t, NULL, 3, &s), 0);
	assert_int_equal(csv_copy_ids(&t, 100, &s), 3);
	assert_string_equal(s.s, "1\n2\n3");
	str_truncate(&s, 0);
	assert_int_equal(csv_copy_ids(&t, 7, &s), 2);
	str_clear(&s);
	table_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_are_quoted),
		cmocka_unit_test(formulas_are_texts),
		cmocka_unit_test(nothing_is_obeyed),
		cmocka_unit_test(whole_tables_and_tagged_rows),
		cmocka_unit_test(copies_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
