#include "src/migrate/old_flags.h"

#include <stdlib.h>
#include <string.h>

#include "src/migrate/old_flags_private.h"
#include "src/migrate/old_words.h"

#define OPT_NONE OPT_COUNT
#define LINE_ALPHA OLD_LINE_ALPHA
#define LINE_NEXT OLD_LINE_0_4
#define KIND_SWITCH true
#define KIND_VALUE false

static const struct old_flag_row rows[] = {
#define FLAG(name, kind, line, fate, option, comment) \
	{ name, KIND_##kind, LINE_##line, OLD_##fate, OPT_##option, comment },
#include "src/migrate/old_flags.def"
};

const struct old_flag_row *old_flag_row(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

void old_finding_add(struct old_flags *f, enum old_trap trap)
{
	static const struct old_finding all[] = {
#define TRAP(id, text, remedy) { OLD_TRAP_##id, text, remedy },
#include "src/migrate/old_traps.def"
	};

	for (size_t i = 0; i < f->n_findings; i++)
		if (f->findings[i].trap == trap)
			return;
	f->findings[f->n_findings++] = all[trap];
}

size_t old_flags_index(const struct old_flags *f, const char *name)
{
	for (size_t i = f->n_flags; i-- > 0;)
		if (strcmp(f->flags[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

const char *old_flags_value(const struct old_flags *f, const char *name)
{
	size_t i = old_flags_index(f, name);

	return i == SIZE_MAX ? NULL : f->flags[i].value;
}

char *old_flags_path(const struct old_flags *f, const char *name, const char *home)
{
	static const char *const homes[] = { "~/", "$HOME/", "${HOME}/", "%h/" };
	const char *given = old_flags_value(f, name);
	struct str s = STR_INIT;

	if (!given || !*given)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++)
		if (str_has_prefix(given, homes[i])) {
			str_printf(&s, "%s/%s", home, given + strlen(homes[i]));
			return str_take(&s);
		}
	return xstrdup(given);
}

char *old_flags_datadir(const struct old_flags *f, const char *home)
{
	char *given = old_flags_path(f, "datadir", home);
	struct str s = STR_INIT;

	if (given)
		str_add(&s, given);
	else
		str_printf(&s, "%s/.lpData", home);
	/* One line put the network behind whatever was given. */
	if (f->line == OLD_LINE_0_4 || (f->line == OLD_LINE_0_5 && !given))
		str_printf(&s, "/%s", f->network);
	free(given);
	return str_take(&s);
}

/* --- reading --- */

static bool is_switch(const char *name)
{
	const struct old_flag_row *row = old_flag_row(name);
	const struct option *o = row ? NULL : option_find(name);

	return row ? row->is_switch : o && option_is_bool(o);
}

/* weir's own view of a flag that the alpha did not have. */
static void judge(struct old_flags *f, struct old_flag *flag)
{
	const struct old_flag_row *row = old_flag_row(flag->name);
	const struct option *o = option_find(flag->name);

	if (row) {
		flag->fate = row->fate;
		flag->comment = row->comment;
		if (row->line == OLD_LINE_0_4 && f->line == OLD_LINE_ALPHA)
			f->line = OLD_LINE_0_4;
	} else if (o) {
		f->line = OLD_LINE_0_5;
		flag->fate = OLD_KEPT;
		flag->comment = "Not of the alpha; weir has it.";
	} else {
		flag->fate = OLD_UNKNOWN;
		flag->comment = "No flag that a node of the alpha had.";
	}
	flag->secret = (o && o->type == OPTION_SECRET) ||
		strcmp(flag->name, "ethPassword") == 0;
}

static void add_flag(struct old_flags *f, char *taken_name, const char *value)
{
	struct old_flag *flag;

	f->flags = xrealloc_array(f->flags, f->n_flags + 1, sizeof(*f->flags));
	flag = &f->flags[f->n_flags++];
	*flag = (struct old_flag){ .name = taken_name, .value = xstrdup(value) };
	judge(f, flag);
}

static void add_stray(struct old_flags *f, const char *word)
{
	add_flag(f, xstrdup(""), word);
	f->flags[f->n_flags - 1].comment = "No flag: the alpha read nothing from here on.";
	old_finding_add(f, OLD_TRAP_STRAY);
}

/* As Go's flag package reads them: one dash or two, "=" or the next word. */
static void read_flags(struct old_flags *f, size_t n, char *const *v)
{
	for (size_t i = 0; i < n; i++) {
		const char *word = v[i], *value;
		char *name;

		if (word[0] != '-' || !word[1]) {
			add_stray(f, word);
			return;
		}
		word += 1 + (word[1] == '-');
		if (!*word) {
			if (i + 1 < n)
				add_stray(f, v[i + 1]);
			return;
		}
		value = strchr(word, '=');
		name = xstrndup(word, value ? (size_t)(value - word) : strlen(word));
		if (value)
			value++;
		else if (is_switch(name))
			value = "true";
		else
			value = i + 1 < n ? v[++i] : "";
		add_flag(f, name, value);
	}
}

static struct old_flags *flags_of(size_t n, char *const *v, enum old_line line, bool literal)
{
	struct old_flags *f = XNEW(struct old_flags);

	f->line = line;
	f->program = xstrdup(n ? v[0] : "");
	if (n)
		read_flags(f, n - 1, v + 1);
	old_settings_make(f, literal);
	return f;
}

struct err *old_flags_from_args(int argc, char *const *argv, enum old_line line,
	struct old_flags **out)
{
	size_t n = argc > 0 ? (size_t)argc : 0;

	*out = NULL;
	if (n > OLD_WORDS_MAX)
		return err_new(ERR_LIMIT, "more than %d arguments", OLD_WORDS_MAX);
	for (size_t i = 0; i < n; i++)
		if (strlen(argv[i]) > OLD_WORD_MAX)
			return err_new(ERR_LIMIT, "argument %zu has more than %d bytes", i,
				OLD_WORD_MAX);
	*out = flags_of(n, argv, line, true);
	return NULL;
}

static struct err *from_words(struct err *e, struct old_words *taken, enum old_line line,
	bool literal, struct old_flags **out)
{
	*out = e ? NULL : flags_of(taken->n, taken->v, line, literal);
	old_words_clear(taken);
	return e;
}

struct err *old_flags_from_cmdline(const char *bytes, size_t n, enum old_line line,
	struct old_flags **out)
{
	struct old_words w;
	struct err *e = old_words_of_cmdline(bytes, n, &w);

	return from_words(e, &w, line, true, out);
}

struct err *old_flags_from_unit(const char *text, size_t n, enum old_line line,
	struct old_flags **out)
{
	struct old_words w;
	struct err *e = old_words_of_unit(text, n, &w);

	return from_words(e, &w, line, false, out);
}

struct err *old_flags_from_shell(const char *text, size_t n, enum old_line line,
	struct old_flags **out)
{
	struct old_words w;
	struct err *e = old_words_of_shell(text, n, &w);

	return from_words(e, &w, line, false, out);
}

void old_flags_free(struct old_flags *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_flags; i++) {
		if (f->flags[i].secret)
			explicit_bzero(f->flags[i].value, strlen(f->flags[i].value));
		free(f->flags[i].name);
		free(f->flags[i].value);
	}
	for (size_t i = 0; i < f->n_settings; i++)
		free(f->settings[i].value);
	free(f->flags);
	free(f->program);
	free(f);
}
