#include "src/node/completion.h"

#include <string.h>

#include "proto/command.h"
#include "src/model/options.h"

#define HELP_MAX 90 /* bytes of prose beside a word */

struct shell {
	const struct usage_row *rows;
	size_t rows_n;
	struct str *out;
};

static bool is_offered(const struct option *o)
{
	return o->support != OPTION_UNSUPPORTED;
}

/* Whether the value may be the name of a file or directory. */
static bool takes_file(const struct option *o)
{
	return o->type == OPTION_SECRET || strstr(o->unit, "file") || strstr(o->unit, "dir");
}

/* "a|b" with blanks for bars. */
static void add_words(struct str *out, const char *words)
{
	for (; *words; words++)
		str_addc(out, *words == '|' ? ' ' : *words);
}

/* All words that some argument of the command can be. */
static void add_choices(struct str *out, const struct command_def *c)
{
	for (size_t i = 0; i < c->args_n; i++) {
		if (!c->args[i].words)
			continue;
		str_add(out, out->len ? " " : "");
		add_words(out, c->args[i].words);
	}
}

/* The first sentence, in single quotes; `quote` is how the shell writes one
 * inside of them. */
static void add_help(struct str *out, const char *help, const char *quote)
{
	const char *stop = strstr(help, ". ");
	size_t n = stop ? (size_t)(stop - help) : strlen(help);

	n = n > HELP_MAX ? HELP_MAX : n;
	while (n > 0 && ((unsigned char)help[n] & 0xc0) == 0x80)
		n--;
	for (size_t i = 0; i < n; i++) {
		if (help[i] == '\'' || help[i] == '\\')
			str_add(out, help[i] == '\'' ? quote : "\\\\");
		else
			str_addc(out, help[i]);
	}
}

/* Switches of weir's own, which are no options of a node. */
static const struct {
	const char *name, *help;
} switches[] = {
	{"--json", "print JSON"},
	{"--csv", "print CSV"},
	{"--yes", "confirm what the node asks"},
	{"--all", "with help: go-livepeer's other flags, too"},
	{"--password-file", "the file with the password of the key"},
	{"--drift", "with settings: what is not as in the config file"},
	{"--answers", "with setup: a file of answers"},
	{"--output", "with setup: the file to write"},
	{"--dry-run", "with setup: print the file, write nothing"},
};

/* --- bash --- */

static void bash_values(struct str *out)
{
	const char *bar = "";

	str_add(out, "\tcase $before in\n\t");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (!is_offered(o) || !takes_file(o))
			continue;
		str_printf(out, "%s-%s|--%s", bar, o->name, o->name);
		bar = "|";
	}
	str_add(out, "|--password-file|--answers|--output)\n"
		"\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n"
		     "\t\treturn;;\n");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (!is_offered(o) || option_is_bool(o) || !option_choices(o))
			continue;
		str_printf(out, "\t-%s|--%s)\n\t\tCOMPREPLY=($(compgen -W '", o->name,
			o->name);
		add_words(out, option_choices(o));
		str_add(out, "' -- \"$word\"))\n\t\treturn;;\n");
	}
	str_add(out, "\tesac\n");
}

static void bash_arguments(const struct shell *s)
{
	struct str words = STR_INIT;

	str_add(s->out, "\telse case ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < s->rows_n; i++) {
		if (!s->rows[i].words)
			continue;
		str_printf(s->out, "\t\t%s) words='", s->rows[i].name);
		add_words(s->out, s->rows[i].words);
		str_add(s->out, "';;\n");
	}
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		str_truncate(&words, 0);
		add_choices(&words, c);
		if (words.len)
			str_printf(s->out, "\t\t%s) words='%s';;\n", c->name, words.s);
	}
	str_add(s->out, "\t\t*) COMPREPLY=($(compgen -f -- \"$word\")); return;;\n"
			"\t\tesac\n\tfi\n");
	str_clear(&words);
}

static void bash(const struct shell *s)
{
	str_add(s->out, "# bash completion for weir; made by `weir completion bash`\n"
		"_weir() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} "
		"before=${COMP_WORDS[COMP_CWORD-1]} words=\n");
	bash_values(s->out);
	str_add(s->out, "\tif [[ $word == -* ]]; then words='");
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (is_offered(option_get((enum option_id)i)))
			str_printf(s->out, "-%s ", option_get((enum option_id)i)->name);
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		str_printf(s->out, "%s ", switches[i].name);
	str_add(s->out, "'\n\telif ((COMP_CWORD == 1)); then words='");
	for (size_t i = 0; i < s->rows_n; i++)
		str_printf(s->out, "%s ", s->rows[i].name);
	for (size_t i = 0; i < CMD_COUNT; i++)
		str_printf(s->out, "%s ", command_def((enum command_id)i)->name);
	str_add(s->out, "'\n");
	bash_arguments(s);
	str_add(s->out, "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n"
			"complete -F _weir weir\n");
}

/* --- zsh --- */

static void zsh_row(struct str *out, const char *before, const char *name, const char *help)
{
	str_printf(out, "\t\t'%s%s:", before, name);
	add_help(out, help, "'\\''");
	str_add(out, "'\n");
}

static void zsh_values(struct str *out)
{
	str_add(out, "\tcase $words[CURRENT-1] in\n\t(--password-file|--answers|--output");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (is_offered(o) && takes_file(o))
			str_printf(out, "|-%s|--%s", o->name, o->name);
	}
	str_add(out, ") _files; return;;\n");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (!is_offered(o) || option_is_bool(o) || !option_choices(o))
			continue;
		str_printf(out, "\t(-%s|--%s) compadd -- ", o->name, o->name);
		add_words(out, option_choices(o));
		str_add(out, "; return;;\n");
	}
	str_add(out, "\tesac\n");
}

static void zsh_arguments(const struct shell *s)
{
	struct str words = STR_INIT;

	str_add(s->out, "\tcase $words[2] in\n");
	for (size_t i = 0; i < s->rows_n; i++) {
		if (!s->rows[i].words)
			continue;
		str_printf(s->out, "\t(%s) compadd -- ", s->rows[i].name);
		add_words(s->out, s->rows[i].words);
		str_add(s->out, ";;\n");
	}
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		str_truncate(&words, 0);
		add_choices(&words, c);
		if (words.len)
			str_printf(s->out, "\t(%s) compadd -- %s;;\n", c->name, words.s);
	}
	str_add(s->out, "\t(*) _files;;\n\tesac\n");
	str_clear(&words);
}

static void zsh(const struct shell *s)
{
	str_add(s->out, "#compdef weir\n# made by `weir completion zsh`\n_weir() {\n"
			"\tlocal -a names flags\n\tnames=(\n");
	for (size_t i = 0; i < s->rows_n; i++)
		zsh_row(s->out, "", s->rows[i].name, s->rows[i].help);
	for (size_t i = 0; i < CMD_COUNT; i++)
		zsh_row(s->out, "", command_def((enum command_id)i)->name,
			command_def((enum command_id)i)->help);
	str_add(s->out, "\t)\n\tflags=(\n");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (is_offered(o))
			zsh_row(s->out, "-", o->name, o->prose);
	}
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		zsh_row(s->out, "", switches[i].name, switches[i].help);
	str_add(s->out, "\t)\n");
	zsh_values(s->out);
	str_add(s->out, "\tif [[ $PREFIX == -* ]]; then _describe -o flag flags; return; fi\n"
			"\tif ((CURRENT == 2)); then _describe command names; return; fi\n");
	zsh_arguments(s);
	str_add(s->out, "}\nif [[ $funcstack[1] == _weir ]]; then _weir\n"
			"elif (($+functions[compdef])); then compdef _weir weir; fi\n");
}

/* --- fish --- */

static void fish_name(struct str *out, const char *name, const char *help)
{
	str_printf(out, "complete -c weir -n __fish_use_subcommand -a %s -d '", name);
	add_help(out, help, "\\'");
	str_add(out, "'\n");
}

static void fish_words(struct str *out, const char *name, const char *words)
{
	str_printf(out, "complete -c weir -f -n '__fish_seen_subcommand_from %s' -a '%s'\n",
		name, words);
}

static void fish_option(struct str *out, const struct option *o)
{
	str_printf(out, "complete -c weir -o %s -d '", o->name);
	add_help(out, o->prose, "\\'");
	str_add(out, "'");
	if (!option_is_bool(o) && option_choices(o)) {
		str_add(out, " -x -a '");
		add_words(out, option_choices(o));
		str_add(out, "'");
	} else if (!option_is_bool(o)) {
		str_add(out, takes_file(o) ? " -r -F" : " -x");
	}
	str_addc(out, '\n');
}

static void fish(const struct shell *s)
{
	struct str words = STR_INIT;

	str_add(s->out, "# made by `weir completion fish`\n"
			"complete -c weir -n __fish_use_subcommand -f\n");
	for (size_t i = 0; i < s->rows_n; i++) {
		fish_name(s->out, s->rows[i].name, s->rows[i].help);
		str_truncate(&words, 0);
		add_words(&words, s->rows[i].words ? s->rows[i].words : "");
		if (words.len)
			fish_words(s->out, s->rows[i].name, words.s);
	}
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		fish_name(s->out, c->name, c->help);
		str_truncate(&words, 0);
		add_choices(&words, c);
		if (words.len)
			fish_words(s->out, c->name, words.s);
	}
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (is_offered(option_get((enum option_id)i)))
			fish_option(s->out, option_get((enum option_id)i));
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		str_printf(s->out, "complete -c weir -l %s -d \"%s\"\n", switches[i].name + 2,
			switches[i].help);
	str_clear(&words);
}

bool completion_script(const char *shell, struct str *out, const struct usage_row *rows,
	size_t rows_n)
{
	static const struct {
		const char *name;
		void (*make)(const struct shell *s);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
	struct shell s = {rows, rows_n, out};

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strcmp(shells[i].name, shell) != 0)
			continue;
		shells[i].make(&s);
		return true;
	}
	return false;
}
