#ifndef UI_SCRIPT_H
#define UI_SCRIPT_H
/* Keys from a file, for tests and for operators who repeat themselves. A line
 * is keys separated by blanks ("2 j j Enter"; a word that is no key's name is
 * typed letter by letter), or one of
 *	:save-screen FILE	the screen as text
 *	:wait TEXT		until the screen shows TEXT, ten seconds at most
 *	:size WxH		of a console without a terminal
 *	# remark
 * One owner. */
#include "src/base/err.h"
#include "ui/canvas.h"

#define SCRIPT_WAIT_MS 10000

enum script_op { SCRIPT_KEY, SCRIPT_SAVE, SCRIPT_WAIT, SCRIPT_SIZE,
	SCRIPT_END };

struct script_step {
	enum script_op op;
	int key;
	int w, h;
	char *text; /* file or text; heap */
};

struct script {
	struct script_step *steps;
	size_t n, at;
};

struct err *script_load(struct script *s, const char *path) must_check;
/* As script_load() from memory. */
struct err *script_parse(struct script *s, const char *text) must_check;
void script_clear(struct script *s);
/* The step at hand; an END one when there are no more. */
const struct script_step *script_step(const struct script *s);
bool script_shows(const struct canvas *c, const char *text);
#endif
