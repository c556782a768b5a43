#include "src/cli/call.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/node/datadir.h"
#include "ui/say.h"

void call_print(struct str *s)
{
	fputs(str_cstr(s), stdout);
	str_clear(s);
}

void call_print_safe(struct str *s, bool json)
{
	if (json)
		say_json(stdout, str_cstr(s), s->len);
	else
		say_lines(stdout, str_cstr(s));
	str_clear(s);
}

char *call_socket(const struct call *c)
{
	char *dir = config_datadir(c->config), *path = datadir_file(dir, DATADIR_SOCKET);

	free(dir);
	return path;
}

static const struct call_switch_row {
	const char *name;
	enum call_switch bit;
	size_t file; /* where in struct call goes what follows it; 0: nothing does */
} switches[] = {
	{"json", SWITCH_JSON, 0},
	{"csv", SWITCH_CSV, 0},
	{"yes", SWITCH_YES, 0},
	{"all", SWITCH_ALL, 0},
	{"man", SWITCH_MAN, 0},
	{"drift", SWITCH_DRIFT, 0},
	{"wait", SWITCH_WAIT, 0},
	{"dry-run", SWITCH_DRY_RUN, 0},
	{"password-file", SWITCH_PASSWORD_FILE, offsetof(struct call, password_file)},
	{"answers", SWITCH_ANSWERS, offsetof(struct call, answers)},
	{"output", SWITCH_OUTPUT, offsetof(struct call, output)},
};

void call_hide_secrets(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char *name = argv[i] + strspn(argv[i], "-"), *value = strchr(name, '=');
		char *copy = xstrndup(name, value ? (size_t)(value - name) : strlen(name));
		const struct option *o = option_find(copy);

		free(copy);
		value = value ? value + 1 : i + 1 < argc ? argv[i + 1] : NULL;
		if (argv[i][0] == '-' && o && o->type == OPTION_SECRET && value &&
			access(value, F_OK) != 0)
			memset(value, '*', strlen(value));
	}
}

/* "--name", "--name FILE" or "--name=FILE" at argv[*i]. */
static bool take(struct call *c, const struct call_switch_row *s, int argc, char **argv, int *i)
{
	char *arg = argv[*i], *value = NULL;
	size_t n = strlen(s->name);

	if (*arg != '-')
		return false;
	arg += 1 + (arg[1] == '-');
	if (strncmp(arg, s->name, n) != 0)
		return false;
	if (!s->file && arg[n])
		return false;
	if (s->file && arg[n] == '=')
		value = arg + n + 1;
	else if (s->file && !arg[n] && *i + 1 < argc)
		value = argv[++*i];
	if (s->file && !value)
		return false;
	if (s->file)
		memcpy((char *)c + s->file, &value, sizeof(value));
	c->switches |= s->bit;
	return true;
}

int call_take_switches(struct call *c, int argc, char **argv)
{
	int left = 0;

	for (int i = 0; i < argc; i++) {
		bool taken = false;

		for (size_t s = 0; s < ARRAY_SIZE(switches) && !taken; s++)
			taken = take(c, &switches[s], argc, argv, &i);
		if (!taken)
			argv[left++] = argv[i];
	}
	return left;
}

struct err *call_check_switches(const struct call *c, unsigned taken)
{
	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (c->switches & ~taken & switches[i].bit)
			return err_new(ERR_INVALID, "weir%s%s takes no --%s",
				*c->name ? " " : "", c->name, switches[i].name);
	return NULL;
}
