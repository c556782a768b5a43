#include "src/node/config_rewrite.h"

#include <stdlib.h>
#include <string.h>

#include "src/node/config.h"

#define BLANKS " \t\r\v\f" /* as config_read.c trims them */

/* One line of a file, taken apart the way it is read; all point into it. */
struct line {
	const char *at;
	size_t n; /* with its end of line */
	const char *name, *name_end; /* NULL: empty, or a comment */
	const char *value, *value_end;
	bool is_comment; /* then name is what would be one without the '#' */
};

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && strchr(BLANKS, *p))
		p++;
	return p;
}

/* Back over blanks. */
static const char *trim(const char *begin, const char *end)
{
	while (end > begin && strchr(BLANKS, end[-1]))
		end--;
	return end;
}

/* " #" ends a value. */
static const char *find_comment(const char *p, const char *end)
{
	for (; p + 1 < end; p++)
		if (p[0] == ' ' && p[1] == '#')
			return p;
	return end;
}

static struct line next_line(const char *text, size_t left)
{
	const char *newline = memchr(text, '\n', left);
	struct line l = {.at = text, .n = newline ? (size_t)(newline - text) + 1 : left};
	const char *end = newline ? newline : text + left, *p;

	end = trim(text, end);
	p = skip_blanks(text, end);
	if (p < end && *p == '#') {
		l.is_comment = true;
		p = skip_blanks(p + 1, end);
	}
	if (p == end)
		return l;
	l.name = p;
	while (p < end && *p != ' ' && *p != '\t')
		p++;
	l.name_end = p;
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	l.value = p;
	l.value_end = trim(p, find_comment(p, end));
	return l;
}

/* Dashes before a name are read over. */
static bool names(const struct line *l, enum option_id id)
{
	const char *name = option_get(id)->name, *p = l->name;
	size_t n = strlen(name);

	if (!p)
		return false;
	while (p < l->name_end && *p == '-')
		p++;
	return (size_t)(l->name_end - p) == n && memcmp(p, name, n) == 0;
}

static struct err *check_value(const struct config_change *c)
{
	const char *v = c->value;
	size_t n = v ? strlen(v) : 0;
	struct str shown = STR_INIT;
	struct err *e = NULL;

	if (!v || (n && !strpbrk(v, "\n") && !strstr(v, " #") && !strchr(BLANKS, v[0]) &&
			  !strchr(BLANKS, v[n - 1])))
		return NULL;
	config_show(&shown, c->id, v);
	e = err_new(ERR_INVALID, "-%s: a line of a config file cannot say \"%s\"",
		option_get(c->id)->name, str_cstr(&shown));
	str_clear(&shown);
	return e;
}

static void put_value(const struct line *l, const char *value, struct str *out)
{
	const char *end = l->at + l->n;

	str_addn(out, l->at, (size_t)(l->value - l->at));
	if (l->value == l->name_end)
		str_addc(out, ' ');
	str_add(out, value);
	str_addn(out, l->value_end, (size_t)(end - l->value_end));
}

static void comment_out(const struct line *l, struct str *out)
{
	str_addn(out, l->at, (size_t)(l->name - l->at));
	str_add(out, "# ");
	str_addn(out, l->name, (size_t)(l->at + l->n - l->name));
}

/* Ends an unfinished last line; the file's own way of ending lines. */
static void add_line(struct str *out, const char *name, const char *value, bool crlf)
{
	const char *end = crlf ? "\r\n" : "\n";

	if (out->len && out->s[out->len - 1] != '\n')
		str_add(out, end);
	str_printf(out, "%s %s%s", name, value, end);
}

/* What holds is the last line that names it, since later ones win; without one,
 * a commented-out line is where an operator would look. */
static void apply(const char *text, size_t n, const struct config_change *c,
	struct str *out)
{
	const char *name = option_get(c->id)->name;
	const char *last = NULL, *last_comment = NULL, *newline = memchr(text, '\n', n);
	bool crlf = newline && newline > text && newline[-1] == '\r';

	for (size_t at = 0; at < n;) {
		struct line l = next_line(text + at, n - at);

		if (names(&l, c->id) && l.is_comment)
			last_comment = l.at;
		else if (names(&l, c->id))
			last = l.at;
		at += l.n;
	}
	for (size_t at = 0; at < n;) {
		struct line l = next_line(text + at, n - at);

		if (c->value && l.at == last)
			put_value(&l, c->value, out);
		else if (!c->value && !l.is_comment && names(&l, c->id))
			comment_out(&l, out);
		else
			str_addn(out, l.at, l.n);
		if (c->value && !last && l.at == last_comment)
			add_line(out, name, c->value, crlf);
		at += l.n;
	}
	if (c->value && !last && !last_comment)
		add_line(out, name, c->value, crlf);
}

struct err *config_rewrite(const char *text, size_t n, const struct config_change *changes,
	size_t changes_n, struct str *out)
{
	struct str from = STR_INIT, to = STR_INIT;
	struct err *e = NULL;

	for (size_t i = 0; i < changes_n && !e; i++)
		e = check_value(&changes[i]);
	if (e)
		return e;
	str_addn(&from, text, n);
	for (size_t i = 0; i < changes_n; i++) {
		apply(str_cstr(&from), from.len, &changes[i], &to);
		str_clear(&from);
		from = to;
		to = STR_INIT;
	}
	str_addn(out, str_cstr(&from), from.len);
	str_clear(&from);
	return NULL;
}

/* --- what changed, for people --- */

static void diff_line(char sign, const struct line *l, struct str *out)
{
	const char *end = trim(l->at, l->at + l->n - (l->at[l->n - 1] == '\n'));
	const struct option *o = NULL;

	for (size_t i = 0; i < OPT_COUNT && !o; i++)
		if (names(l, i))
			o = option_get(i);
	str_addc(out, sign);
	if (o && (o->type == OPTION_SECRET || o->id == OPT_ETH_URL)) {
		char *value = xstrndup(l->value, (size_t)(l->value_end - l->value));

		str_addn(out, l->at, (size_t)(l->value - l->at));
		config_show(out, o->id, value);
		free(value);
		str_addn(out, l->value_end,
			l->value_end < end ? (size_t)(end - l->value_end) : 0);
	} else {
		str_addn(out, l->at, (size_t)(end - l->at));
	}
	str_addc(out, '\n');
}

static size_t bare(const struct line *l)
{
	return l->n - (l->at[l->n - 1] == '\n');
}

static bool is_same(const struct line *a, const struct line *b)
{
	return bare(a) == bare(b) && memcmp(a->at, b->at, bare(a)) == 0;
}

/* Of one name, and not a comment beside the line that was made from it. */
static bool is_change(const struct line *old, const struct line *new)
{
	return old->name && new->name && !old->is_comment &&
		old->name_end - old->name == new->name_end - new->name &&
		memcmp(old->name, new->name, (size_t)(old->name_end - old->name)) == 0;
}

/* A rewritten file has lines changed in their places and lines added, none taken
 * out: so where two differ, either the new one has come in before the old, or it
 * is the old one changed. */
void config_diff(const char *before, const char *after, struct str *out)
{
	size_t b = strlen(before), a = strlen(after);

	while (a) {
		struct line new = next_line(after, a), old = {0};

		if (b)
			old = next_line(before, b);
		if (b && is_same(&old, &new)) {
			before += old.n;
			b -= old.n;
		} else if (b && is_change(&old, &new)) {
			diff_line('-', &old, out);
			diff_line('+', &new, out);
			before += old.n;
			b -= old.n;
		} else {
			diff_line('+', &new, out);
		}
		after += new.n;
		a -= new.n;
	}
}
