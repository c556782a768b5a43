/* The files that a console reads: by the first letter a list of nodes ("n"), the
 * lines typed before ("h") or a script of keys. Whatever is in them, a name is one
 * word, a socket's path is absolute, and no secret comes from the history. */
#include <stdlib.h>
#include <string.h>

#include "ui/line_history.h"
#include "ui/nodes.h"
#include "ui/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void list_of_nodes(char *text)
{
	struct nodes nodes = {.n = 0};
	char *word = xstrndup(text, strcspn(text, " \t\n")), *path = NULL;

	err_free(nodes_take(&nodes, "nodes", text));
	for (size_t i = 0; i < nodes.n; i++)
		if (!*nodes.v[i].name || strpbrk(nodes.v[i].name, " \t\n") ||
			*nodes.v[i].path != '/')
			abort();
	err_free(nodes_resolve(&nodes, word, &path));
	free(path);
	free(word);
	nodes_clear(&nodes);
}

static void typed_before(char *text)
{
	struct line_history h = {.n = 0};

	line_history_take(&h, text);
	for (size_t i = 0; i < h.n; i++)
		if (!line_history_may_keep(h.lines[i]) || strchr(h.lines[i], '\n') ||
			(i && !strcmp(h.lines[i], h.lines[i - 1])))
			abort();
	line_history_clear(&h);
}

static void script(const char *text)
{
	struct script s = {.n = 0};

	err_free(script_parse(&s, text));
	script_clear(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = xstrndup((const char *)data, n);

	if (*text == 'n')
		list_of_nodes(text + 1);
	else if (*text == 'h')
		typed_before(text + 1);
	else
		script(text);
	free(text);
	return 0;
}
