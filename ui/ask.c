#include "ui/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/str.h"

#define SAY_MAX 4000 /* bytes */

void ask_say(void *ctx, const char *text)
{
	(void)ctx;
	while (*text) {
		struct str safe = STR_INIT;
		size_t n = strcspn(text, "\n");

		str_add_safe(&safe, text, n, SAY_MAX);
		printf("%s\n", str_cstr(&safe));
		str_clear(&safe);
		text += n + (text[n] == '\n');
	}
}

static char *trimmed(const char *line)
{
	size_t n;

	line += strspn(line, " \t\r\n");
	n = strlen(line);
	while (n && strchr(" \t\r\n", line[n - 1]))
		n--;
	return xstrndup(line, n);
}

char *ask_answer(void *ctx, const char *prompt)
{
	char *line = NULL, *answer = NULL;
	size_t cap = 0;

	(void)ctx;
	printf("%s: ", prompt);
	fflush(stdout);
	if (getline(&line, &cap, stdin) >= 0)
		answer = trimmed(line);
	else
		printf("\n");
	free(line);
	return answer;
}
