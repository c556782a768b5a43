#ifndef SRC_MIGRATE_OLD_WORDS_H
#define SRC_MIGRATE_OLD_WORDS_H
/* The words that a program was started with, out of what is kept of them: the
 * arguments of a process, a systemd unit, a shell script, a line that somebody
 * typed. Nothing is run and no file is read: a variable that the text does not
 * set stays "$NAME" in its word. Pure; any thread.
 * Sources: systemd.service(5), POSIX.1-2017 Shell Command Language. */
#include "src/base/err.h"
#include "src/base/str.h"

#define OLD_TEXT_MAX (256 << 10) /* bytes of text */
#define OLD_WORDS_MAX 512	 /* of a command */
#define OLD_WORD_MAX 16384	 /* bytes of a word */

struct old_words {
	char **v; /* owned; the first is the program, "" where none was named */
	size_t n;
};
void old_words_clear(struct old_words *w);

/* Of all: ERR_LIMIT is too much of something, ERR_NOT_FOUND that no livepeer is
 * started there, ERR_INVALID an open quote. */

/* The bytes of /proc/<pid>/cmdline, whatever program it is. */
struct err *old_words_of_cmdline(const char *bytes, size_t n, struct old_words *out)
	must_check;
/* The last ExecStart of a unit that starts a livepeer. */
struct err *old_words_of_unit(const char *text, size_t n, struct old_words *out) must_check;
/* The first command of a script that is a livepeer; or flags alone. */
struct err *old_words_of_shell(const char *text, size_t n, struct old_words *out) must_check;
#endif
