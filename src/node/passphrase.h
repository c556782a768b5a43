#ifndef SRC_NODE_PASSPHRASE_H
#define SRC_NODE_PASSPHRASE_H
/* Passwords from people, files and systemd, kept in secret memory. main's
 * thread, before the node's threads start. Source for -ethPassword: go-livepeer
 * eth/accountmanager.go, common.ReadFromFile. */
#include "src/base/err.h"

#define PASSPHRASE_SIZE 1024 /* with the NUL */

/* Secret memory of PASSPHRASE_SIZE bytes; passphrase_free() it. */
void passphrase_free(char *p); /* NULL ok */
bool passphrase_can_ask(void); /* there is a terminal */
/* Without echo, on the terminal whatever stdin and stdout are. */
struct err *passphrase_ask(const char *prompt, char **out) must_check;
/* Twice, and both alike: for a new key. */
struct err *passphrase_ask_new(char **out) must_check;
/* The content of a file without blanks at its end. */
struct err *passphrase_read(const char *path, char **out) must_check;
/* -ethPassword's value: the name of a non-empty file whose content it is, or
 * the password itself (*literal). */
struct err *passphrase_option(const char *value, char **out, bool *literal) must_check;
/* systemd's credential of this name (LoadCredential=); NULL: there is none. */
struct err *passphrase_credential(const char *name, char **out) must_check;
#endif
