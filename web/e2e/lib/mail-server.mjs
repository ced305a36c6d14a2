// A mail server that is not ours: Nodemailer's, and its parser for what it takes.
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

export class MailServer {
  /** Mails as a mail program sees them. */
  taken = [];

  static async start() {
    const server = new MailServer();
    server.smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      onData: (stream, _session, done) => {
        simpleParser(stream).then((mail) => {
          server.taken.push(mail);
          done();
        }, done);
      },
    });
    await new Promise((ready) => server.smtp.listen(0, "127.0.0.1", ready));
    return server;
  }

  /** How it is named in a configuration. */
  get setting() {
    return `mail.smtp_url=smtp://127.0.0.1:${this.smtp.server.address().port}`;
  }

  /** The mails to an address whose text has these words. */
  to(address, words) {
    return this.taken.filter(({ to, text }) => to.text === address && text.includes(words));
  }

  stop() {
    return new Promise((stopped) => this.smtp.close(stopped));
  }
}
