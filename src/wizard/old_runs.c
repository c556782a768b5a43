#include "src/wizard/old_runs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/file.h"

#define PROCESSES_MAX 65536
#define UNITS_MAX 4096
#define TEXT_MAX (256u << 10)
#define HISTORY_MAX (8u << 20)

void old_runs_clear(struct old_runs *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].path);
		free(r->v[i].line);
	}
	r->n = 0;
}

/* --- a command, shown --- */

static void add_word(struct str *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789-_=+.,:/@%~";

	if (*word && strspn(word, plain) == strlen(word)) {
		str_add(out, word);
		return;
	}
	str_addc(out, '\'');
	for (; *word; word++)
		str_add(out, *word == '\'' ? "'\\''" : (char[]){*word, '\0'});
	str_addc(out, '\'');
}

void old_flags_text(struct str *out, const struct old_flags *f)
{
	add_word(out, *f->program ? f->program : "livepeer");
	for (size_t i = 0; i < f->n_flags; i++) {
		const struct old_flag *flag = &f->flags[i];
		struct str word = STR_INIT;

		str_printf(&word, "-%s", flag->name);
		if (flag->secret || strcmp(flag->value, "true") != 0)
			str_printf(&word, "=%s", flag->secret ? "LEFT-OUT" : flag->value);
		str_addc(out, ' ');
		add_word(out, word.s);
		str_clear(&word);
	}
}

/* The program itself, and not its command-line client. */
static bool is_livepeer(const char *program)
{
	const char *slash = strrchr(program, '/');

	return !strcmp(slash ? slash + 1 : program, "livepeer");
}

const char *old_run_kind_name(enum old_run_kind kind)
{
	static const char *const names[] = {[OLD_RUN_PROCESS] = "process",
		[OLD_RUN_UNIT] = "unit", [OLD_RUN_TYPED] = "typed"};

	return names[kind];
}

static void add(struct old_runs *r, struct old_run run, const char *path, struct old_flags *f)
{
	struct str line = STR_INIT;

	if (r->n == OLD_RUNS_MAX || !is_livepeer(f->program))
		return;
	old_flags_text(&line, f);
	run.path = xstrdup(path);
	run.line = str_take(&line);
	r->v[r->n++] = run;
}

/* --- processes --- */

static void look_at_process(struct old_runs *r, const char *path, int64_t pid)
{
	struct old_flags *f = NULL;
	struct str text = STR_INIT;
	struct err *e = file_read(path, TEXT_MAX, &text);

	if (!e && text.len)
		e = old_flags_from_cmdline(text.s, text.len, OLD_LINE_ALPHA, &f);
	if (!e && f)
		add(r, (struct old_run){.kind = OLD_RUN_PROCESS, .pid = pid}, path, f);
	err_free(e); /* another user's, or gone meanwhile */
	old_flags_free(f);
	str_clear(&text);
}

static void find_processes(struct old_runs *r, const char *root)
{
	struct file_names names;
	struct str path = STR_INIT;
	struct err *e;

	str_printf(&path, "%s/proc", root);
	e = file_list(path.s, PROCESSES_MAX, &names);
	for (size_t i = 0; !e && i < names.n; i++) {
		int64_t pid;

		if (!parse_i64(names.v[i], &pid))
			continue;
		str_truncate(&path, 0);
		str_printf(&path, "%s/proc/%lld/cmdline", root, (long long)pid);
		look_at_process(r, path.s, pid);
	}
	if (!e)
		file_names_clear(&names);
	err_free(e);
	str_clear(&path);
}

/* --- units --- */

static void unit_directory(struct str *out, const char *root, const char *home, size_t i)
{
	static const char *const dirs[] = {"/etc/systemd/system", "/usr/local/lib/systemd/system",
		"/usr/lib/systemd/system", "/lib/systemd/system"};

	str_truncate(out, 0);
	if (i < ARRAY_SIZE(dirs))
		str_printf(out, "%s%s", root, dirs[i]);
	else if (i == ARRAY_SIZE(dirs) && *home)
		str_printf(out, "%s/.config/systemd/user", home);
}

static void look_at_unit(struct old_runs *r, const char *path)
{
	struct old_flags *f = NULL;
	struct str text = STR_INIT;
	struct err *e = file_read(path, TEXT_MAX, &text);

	if (!e && text.len)
		e = old_flags_from_unit(text.s, text.len, OLD_LINE_ALPHA, &f);
	if (!e && f)
		add(r, (struct old_run){.kind = OLD_RUN_UNIT}, path, f);
	err_free(e);
	old_flags_free(f);
	str_clear(&text);
}

/* Where the system has two names for a directory a unit comes once. */
static bool is_known(const struct old_runs *r, const char *path)
{
	struct stat a, b;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind == OLD_RUN_UNIT && stat(path, &a) == 0 &&
			stat(r->v[i].path, &b) == 0 && a.st_ino == b.st_ino &&
			a.st_dev == b.st_dev)
			return true;
	return false;
}

static void find_units(struct old_runs *r, const char *dir)
{
	struct file_names names;
	struct err *e = file_list(dir, UNITS_MAX, &names);

	for (size_t i = 0; !e && i < names.n; i++) {
		struct str path = STR_INIT;

		str_printf(&path, "%s/%s", dir, names.v[i]);
		if (str_has_suffix(path.s, ".service") && !is_known(r, path.s))
			look_at_unit(r, path.s);
		str_clear(&path);
	}
	if (!e)
		file_names_clear(&names);
	err_free(e);
}

/* --- shells --- */

/* A history's line without what zsh (": 1700000000:0;") or fish ("- cmd: ") put
 * before it. */
static const char *typed(const char *line)
{
	const char *semicolon = line[0] == ':' && line[1] == ' ' ? strchr(line, ';') : NULL;

	if (semicolon)
		return semicolon + 1;
	return strncmp(line, "- cmd: ", 7) == 0 ? line + 7 : line;
}

static bool was_typed(const struct old_runs *r, const char *line)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].kind == OLD_RUN_TYPED && !strcmp(r->v[i].line, line))
			return true;
	return false;
}

static void look_at_typed(struct old_runs *r, const char *path, const char *line)
{
	struct old_flags *f = NULL;
	struct str text = STR_INIT;
	struct err *e = NULL;

	if (strstr(line, "livepeer"))
		e = old_flags_from_shell(line, strlen(line), OLD_LINE_ALPHA, &f);
	if (!e && f) {
		old_flags_text(&text, f);
		if (!was_typed(r, text.s))
			add(r, (struct old_run){.kind = OLD_RUN_TYPED}, path, f);
	}
	err_free(e); /* it started none */
	old_flags_free(f);
	str_clear(&text);
}

/* Backwards, so that what counts comes first where there is too much. */
static void look_at_history(struct old_runs *r, const char *path)
{
	struct str text = STR_INIT;
	struct err *e = file_read(path, HISTORY_MAX, &text);
	size_t end = e ? 0 : text.len;

	while (end) {
		char *line = text.s + --end;

		if (*line == '\n')
			*line = '\0';
		while (line > text.s && line[-1] != '\n')
			line--;
		look_at_typed(r, path, typed(line));
		end = (size_t)(line - text.s);
	}
	err_free(e);
	str_clear(&text);
}

static void find_typed(struct old_runs *r, const char *home)
{
	static const char *const names[] = {".bash_history", ".zsh_history", ".zhistory",
		".local/share/fish/fish_history"};

	for (size_t i = 0; i < ARRAY_SIZE(names) && *home; i++) {
		struct str path = STR_INIT;

		str_printf(&path, "%s/%s", home, names[i]);
		look_at_history(r, path.s);
		str_clear(&path);
	}
}

void old_runs_find(const char *root, const char *home, struct old_runs *out)
{
	struct str dir = STR_INIT;

	*out = (struct old_runs){.n = 0};
	find_processes(out, root);
	for (size_t i = 0;; i++) {
		unit_directory(&dir, root, home, i);
		if (!dir.len)
			break;
		find_units(out, dir.s);
	}
	find_typed(out, home);
	str_clear(&dir);
}

char *old_runs_unit(const char *root, const char *home, const char *name)
{
	struct str path = STR_INIT;
	struct stat st;

	if (strchr(name, '/'))
		return NULL;
	for (size_t i = 0;; i++) {
		unit_directory(&path, root, home, i);
		if (!path.len)
			break;
		str_printf(&path, "/%s%s", name, str_has_suffix(name, ".service") ? ""
			: ".service");
		if (stat(path.s, &st) == 0)
			return str_take(&path);
	}
	str_clear(&path);
	return NULL;
}
