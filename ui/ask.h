#ifndef UI_ASK_H
#define UI_ASK_H
/* Questions on a plain terminal, a line each: before there is a node there is no
 * console to ask in. stdin and stdout; main's thread. */

/* Control characters are shown, not sent. ctx is not used by either. */
void ask_say(void *ctx, const char *text);
/* The answer without blanks around it, to be freed; NULL: the input has ended. */
char *ask_answer(void *ctx, const char *prompt);
#endif
