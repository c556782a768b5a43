#include "src/node/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "src/base/secret.h"
#include "src/base/str.h"

void passphrase_free(char *p)
{
	secret_free(p, PASSPHRASE_SIZE);
}

static int open_terminal(void)
{
	return open("/dev/tty", O_RDWR | O_CLOEXEC);
}

bool passphrase_can_ask(void)
{
	int fd = open_terminal();

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* One line, by single bytes: nothing of it stays in a buffer of stdio's. */
static struct err *read_line(int fd, char *out)
{
	size_t n = 0;
	char c = 0;
	ssize_t got;

	while ((got = read(fd, &c, 1)) == 1 && c != '\n' && c != '\r') {
		if (n + 1 == PASSPHRASE_SIZE)
			return err_new(ERR_LIMIT, "a password has at most %d bytes",
				PASSPHRASE_SIZE - 1);
		out[n++] = c;
	}
	secret_wipe(&c, 1);
	out[n] = '\0';
	if (got < 0)
		return err_sys(errno, "terminal");
	if (!got && !n)
		return err_new(ERR_CANCELLED, "no password was given");
	return NULL;
}

struct err *passphrase_ask(const char *prompt, char **out)
{
	struct termios was, quiet;
	int fd = open_terminal();
	struct err *e;

	*out = NULL;
	if (fd < 0 || tcgetattr(fd, &was) != 0) {
		e = err_sys(errno, "no terminal to ask for a password on");
		if (fd >= 0)
			close(fd);
		return e;
	}
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	tcsetattr(fd, TCSAFLUSH, &quiet);
	(void)!write(fd, prompt, strlen(prompt));
	*out = secret_alloc(PASSPHRASE_SIZE);
	e = read_line(fd, *out);
	tcsetattr(fd, TCSAFLUSH, &was);
	(void)!write(fd, "\n", 1);
	close(fd);
	if (e)
		passphrase_free(TAKE(*out));
	return e;
}

struct err *passphrase_ask_new(char **out)
{
	char *again = NULL;
	struct err *e = passphrase_ask("Passphrase: ", out);

	if (!e)
		e = passphrase_ask("Repeat passphrase: ", &again);
	if (!e && strcmp(*out, again) != 0)
		e = err_new(ERR_INVALID, "passphrases do not match");
	passphrase_free(again);
	if (e)
		passphrase_free(TAKE(*out));
	return e;
}

struct err *passphrase_read(const char *path, char **out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;
	size_t n = 0;

	*out = NULL;
	if (fd < 0)
		return err_sys(errno, "password file %s", path);
	*out = secret_alloc(PASSPHRASE_SIZE);
	while (n < PASSPHRASE_SIZE && (got = read(fd, *out + n, PASSPHRASE_SIZE - n)) > 0)
		n += (size_t)got;
	close(fd);
	if (got < 0 || n == PASSPHRASE_SIZE) {
		passphrase_free(TAKE(*out));
		return got < 0 ? err_sys(errno, "password file %s", path)
			       : err_new(ERR_LIMIT, "password file %s: more than %d bytes",
					 path, PASSPHRASE_SIZE - 1);
	}
	while (n && strchr(" \t\r\n", (*out)[n - 1]))
		n--;
	secret_wipe(*out + n, PASSPHRASE_SIZE - n);
	return NULL;
}

struct err *passphrase_option(const char *value, char **out, bool *literal)
{
	struct stat st;

	*literal = stat(value, &st) != 0 || !S_ISREG(st.st_mode) || !st.st_size;
	if (!*literal)
		return passphrase_read(value, out);
	*out = NULL;
	if (strlen(value) >= PASSPHRASE_SIZE)
		return err_new(ERR_LIMIT, "a password has at most %d bytes",
			PASSPHRASE_SIZE - 1);
	*out = secret_alloc(PASSPHRASE_SIZE);
	memcpy(*out, value, strlen(value));
	return NULL;
}

struct err *passphrase_credential(const char *name, char **out)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");
	struct str path = STR_INIT;
	struct err *e = NULL;

	*out = NULL;
	if (!dir)
		return NULL;
	str_printf(&path, "%s/%s", dir, name);
	if (access(path.s, F_OK) == 0)
		e = passphrase_read(path.s, out);
	str_clear(&path);
	return e;
}
