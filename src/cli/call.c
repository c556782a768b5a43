#include "src/cli/call.h"

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

/* --password-file FILE or --password-file=FILE at argv[*i], and its like. */
static bool take_file(struct call *c, int argc, char **argv, int *i)
{
	const struct {
		const char *name;
		char **to;
	} files[] = {{"password-file", &c->password_file}, {"answers", &c->answers},
		{"output", &c->output}};
	char *arg = argv[*i] + strspn(argv[*i], "-");

	for (size_t f = 0; f < ARRAY_SIZE(files) && argv[*i][0] == '-'; f++) {
		size_t n = strlen(files[f].name);

		if (strncmp(arg, files[f].name, n) != 0)
			continue;
		if (arg[n] == '=')
			*files[f].to = arg + n + 1;
		else if (!arg[n] && *i + 1 < argc)
			*files[f].to = argv[++*i];
		else
			continue;
		return true;
	}
	return false;
}

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

int call_take_switches(struct call *c, int argc, char **argv)
{
	const struct {
		const char *name;
		bool *to;
	} switches[] = {{"json", &c->json}, {"csv", &c->csv},
		{"yes", &c->yes}, {"all", &c->all}, {"man", &c->man}, {"drift", &c->drift},
		{"wait", &c->wait}, {"dry-run", &c->dry_run}};
	int left = 0;

	for (int i = 0; i < argc; i++) {
		bool taken = take_file(c, argc, argv, &i);

		for (size_t s = 0; s < ARRAY_SIZE(switches) && argv[i][0] == '-'; s++)
			if (strcmp(argv[i] + 1 + (argv[i][1] == '-'), switches[s].name) == 0)
				taken = *switches[s].to = true;
		if (!taken)
			argv[left++] = argv[i];
	}
	return left;
}
