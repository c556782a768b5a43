/* The command line of `weir migrate`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/wizard/old_runs.h"
#include "src/wizard/wizard.h"

static struct err *take_report(const char *value, enum migrate_report *out)
{
	static const char *const names[] = {[REPORT_TEXT] = "text", [REPORT_JSON] = "json",
		[REPORT_LINES] = "lines"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], value)) {
			*out = (enum migrate_report)i;
			return NULL;
		}
	return err_new(ERR_INVALID, "--report is text, json or lines");
}

static const char *home(void)
{
	const char *h = getenv("HOME");

	return h ? h : "/root";
}

/* Its arguments are read while it runs; what is kept of them is their text. */
static struct err *take_process(struct migrate_options *o, const char *pid)
{
	struct str path = STR_INIT;
	struct err *e = NULL;
	int64_t n;

	if (!parse_i64(pid, &n) || n < 1)
		e = err_new(ERR_INVALID, "--from-process takes the number of a process: --look "
			"lists them");
	str_printf(&path, "/proc/%s/cmdline", pid);
	if (!e && access(path.s, R_OK) != 0)
		e = err_sys(errno, "--from-process %s", pid);
	if (!e)
		e = choices_set(&o->choices, "oldFlags", path.s);
	str_clear(&path);
	return e;
}

static struct err *take_unit(struct migrate_options *o, const char *name)
{
	char *path = old_runs_unit("", home(), name);
	struct err *e = path ? choices_set(&o->choices, "oldFlags", path)
		: err_new(ERR_NOT_FOUND, "--from-unit %s: systemd has no such unit; --look lists "
		"those of a node", name);

	free(path);
	return e;
}

void migrate_look(struct str *out)
{
	struct old_runs r;

	old_runs_find("", home(), &r);
	for (size_t i = 0; i < r.n; i++) {
		str_add(out, old_run_kind_name(r.v[i].kind));
		if (r.v[i].kind == OLD_RUN_PROCESS)
			str_printf(out, " %lld: ", (long long)r.v[i].pid);
		else if (r.v[i].kind == OLD_RUN_UNIT)
			str_printf(out, " %s: ", r.v[i].path);
		else
			str_add(out, ": ");
		str_add_safe(out, r.v[i].line, strlen(r.v[i].line), 4096);
		str_addc(out, '\n');
	}
	if (!r.n)
		str_add(out, "no process, no unit and no typed command of a livepeer node, as far "
			"as this user may see\n");
	old_runs_clear(&r);
}

static struct err *take_word(struct migrate_options *o, const char *name, const char *value,
	enum migrate_report *report)
{
	if (!strcmp(name, "from"))
		o->from = value;
	else if (!strcmp(name, "to"))
		o->to = value;
	else if (!strcmp(name, "answers"))
		return choices_read_file(&o->choices, value);
	else if (!strcmp(name, "from-process"))
		return take_process(o, value);
	else if (!strcmp(name, "from-unit"))
		return take_unit(o, value);
	else if (!strcmp(name, "report"))
		return take_report(value, report);
	else
		return choices_set(&o->choices, name, value);
	return NULL;
}

static bool take_switch(struct migrate_options *o, const char *name, bool *help)
{
	const struct {
		const char *name;
		bool *to;
	} switches[] = {{"dry-run", &o->dry_run}, {"resume", &o->resume},
		{"rollback", &o->rollback}, {"yes", &o->yes}, {"look", &o->look},
		{"help", help}, {"h", help}};

	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (!strcmp(switches[i].name, name))
			return *switches[i].to = true;
	return false;
}

static bool needs_value(const char *name)
{
	const struct option *o = option_find(name);

	return !o || !option_is_bool(o);
}

static struct err *take_one(struct migrate_options *o, int argc, char *const *argv, int *i,
	enum migrate_report *report, bool *help)
{
	const char *arg = argv[*i], *value;
	struct str name = STR_INIT;
	struct err *e = NULL;

	if (*arg != '-')
		return err_new(ERR_INVALID, "unexpected argument \"%s\": flags begin with a dash",
			arg);
	arg += strspn(arg, "-");
	value = strchr(arg, '=');
	str_addn(&name, arg, value ? (size_t)(value - arg) : strlen(arg));
	if (value || !take_switch(o, str_cstr(&name), help)) {
		if (value)
			value++;
		else if (!needs_value(str_cstr(&name)))
			value = "true";
		else if (*i + 1 < argc)
			value = argv[++*i];
		e = value ? take_word(o, str_cstr(&name), value, report)
			: err_new(ERR_INVALID, "--%s needs a value", str_cstr(&name));
	}
	str_clear(&name);
	return e;
}

/* The answers first, wherever they stand: what is typed is stronger. */
struct err *migrate_read_args(struct migrate_options *o, int argc, char *const *argv,
	enum migrate_report *report, bool *help)
{
	struct err *e = NULL;

	for (int i = 0; i < argc && !e; i++)
		if (!strcmp(argv[i], "--answers") && i + 1 < argc)
			e = choices_read_file(&o->choices, argv[++i]);
	for (int i = 0; i < argc && !e; i++) {
		if (!strcmp(argv[i], "--answers") && i + 1 < argc)
			i++;
		else
			e = take_one(o, argc, argv, &i, report, help);
	}
	if (!e && o->resume && o->rollback)
		e = err_new(ERR_INVALID, "--resume goes on, --rollback goes back: which is it?");
	return e;
}
