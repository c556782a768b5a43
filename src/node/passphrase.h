#ifndef SRC_NODE_PASSPHRASE_H
#define SRC_NODE_PASSPHRASE_H
/* Passwords from people, files and systemd, kept in secret memory from the first
 * byte. main's thread, before the node's threads start. Source for -ethPassword:
 * go-livepeer eth/accountmanager.go, common.ReadFromFile. */
#include <sys/types.h>

#include "src/base/err.h"

#define PASSPHRASE_SIZE 1024 /* with the NUL */

/* Each of these gives secret memory of PASSPHRASE_SIZE bytes. */
void passphrase_free(char *p); /* NULL ok */
/* There is a terminal, and this process is in its foreground. */
bool passphrase_can_ask(void);
/* Without echo, on the terminal whatever stdin and stdout are. ERR_CANCELLED:
 * nothing was typed, or a signal came that ends programs; the terminal is as it
 * was in any case. */
struct err *passphrase_ask(const char *prompt, char **out) must_check;
/* Whether a person has typed one for this process, or for the one that it was
 * forked from. Any thread. */
bool passphrase_was_asked(void);
/* Twice, and both alike: for a new key. */
struct err *passphrase_ask_new(char **out) must_check;
/* The content of a file (a pipe is one too) without blanks around it; *mode is
 * the file's, NULL ok. */
struct err *passphrase_read(const char *path, char **out, mode_t *mode) must_check;
struct err *passphrase_read_fd(int fd, const char *name, char **out) must_check;
/* -ethPassword's value: the name of a non-empty file whose content it is, or
 * the password itself (*literal). */
struct err *passphrase_option(const char *value, char **out, bool *literal, mode_t *mode)
	must_check;
/* systemd's credential of this name (LoadCredential=); NULL: there is none. */
struct err *passphrase_credential(const char *name, char **out) must_check;
#endif
