#ifndef UI_WORDS_H
#define UI_WORDS_H
/* The console's own words (words.def). Pure data. */
#include <stdbool.h>
#include <stddef.h>

enum word {
#define WORD(name, ...) WORD_##name,
#include "ui/words.def"
#undef WORD
	WORD_COUNT,
};

struct word_def {
	const char *name, *argument, *help;
};

const struct word_def *word_def(enum word w);
/* The word that the line begins with and where its argument begins; *bang: a '!'
 * follows it. WORD_COUNT: none of these. */
enum word word_of(const char *line, const char **rest, bool *bang);
#endif
