#include "ui/words.h"

#include <string.h>

#include "src/base/str.h"

#define WORD(name, ...) [WORD_##name] = {__VA_ARGS__},
static const struct word_def table[WORD_COUNT] = {
#include "ui/words.def"
};
#undef WORD

const struct word_def *word_def(enum word w)
{
	return &table[w];
}

enum word word_of(const char *line, const char **rest, bool *bang)
{
	static const char alias[] = "set mouse";
	size_t n;

	/* As it is said elsewhere; the node has no such flag. */
	if (str_has_prefix(line, alias))
		line += strlen("set ");
	n = strcspn(line, " ");

	*rest = line + n + strspn(line + n, " ");
	*bang = n > 1 && line[n - 1] == '!';
	n -= *bang;
	if (n == 1 && *line == 'q')
		return WORD_QUIT;
	for (enum word w = 0; w < WORD_COUNT; w++) {
		if (strlen(table[w].name) == n && !strncmp(table[w].name, line, n))
			return w;
	}
	return WORD_COUNT;
}
