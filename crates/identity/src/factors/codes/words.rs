//! What the pages and messages about codes say.

crate::words! {
    pub(crate) struct CodeWords {
        mail_title: "Código por correo", "Code by mail";
        mail_lead: "Cada vez que entres enviaremos un código a tu correo. Es cómodo, pero una \
            aplicación de códigos o una llave de acceso protegen más.",
            "Each time you sign in we will send a code to your e-mail address. It is handy, but \
            an authenticator app or a passkey protects more.";
        mail_send: "Enviar un código a", "Send a code to";
        phone_title: "Código por SMS", "Code by SMS";
        phone_lead: "Cada vez que entres enviaremos un código a tu teléfono. Es cómodo, pero un \
            número se puede robar: una aplicación de códigos o una llave de acceso protegen más.",
            "Each time you sign in we will send a code to your phone. It is handy, but a number \
            can be stolen: an authenticator app or a passkey protects more.";
        country: "País", "Country";
        number: "Número de teléfono", "Phone number";
        number_hint: "Solo enviamos SMS a los países de la lista.",
            "We send SMS to the countries in the list only.";
        number_invalid: "Escribe un número de teléfono completo.",
            "Write a complete phone number.";
        number_known: "Ese teléfono ya está en tu cuenta.",
            "That phone is in your account already.";
        too_many: "Tu cuenta ya tiene 5 teléfonos. Quita uno antes de añadir otro.",
            "Your account has 5 phones already. Remove one before you add another.";
        send: "Enviar un código", "Send a code";
        again: "Enviar otro código", "Send another code";
        sent_to: "Enviamos un código de seis cifras a", "We sent a six-digit code to";
        sent_life: "Sirve durante cinco minutos. El último que pediste es el que vale.",
            "It is good for five minutes. The one that you asked for last is the one that works.";
        not_sent: "Te enviaremos un código de seis cifras para comprobar que eres tú.",
            "We will send you a six-digit code to make sure that it is you.";
        wait_before: "Podrás pedir otro en", "You can ask for another in";
        seconds: "s.", "s.";
        no_more: "No quedan más códigos para este intento. Usa el último, u otra forma.",
            "There are no more codes for this attempt. Use the last one, or another way.";
        too_soon: "Todavía no: espera {} s antes de pedir otro código.",
            "Not yet: wait {} s before you ask for another code.";
        wrong: "El código no es correcto, o ya no sirve.",
            "The code is not right, or is not good any more.";
        over_title: "Demasiados códigos equivocados", "Too many wrong codes";
        over_text: "Por seguridad este intento terminó. Vuelve a empezar desde donde venías.",
            "To be safe, this attempt has ended. Begin again from where you came.";
        confirm_again: "Volver a la seguridad de mi cuenta", "Back to my account's security";
        mail_name: "Mi correo", "My e-mail";
        phone_name: "Mi teléfono", "My phone";
        name: "Nombre", "Name";
        code: "Código de seis cifras", "Six-digit code";
        confirm: "Confirmar", "Confirm";
        confirm_title: "Confirma el código", "Confirm the code";
        mail_subject: "Tu código de Tertulia", "Your Tertulia code";
        mail_text: "Escribe este código en la página que te lo pide. Sirve durante cinco minutos.",
            "Type this code into the page that asks for it. It is good for five minutes.";
        mail_ignore: "Si no fuiste tú, alguien conoce tu contraseña: cámbiala. No compartas este \
            código con nadie.",
            "If it was not you, somebody knows your password: replace it. Do not share this code \
            with anybody.";
        sms_text: "{} es tu código de Tertulia. No lo compartas con nadie.",
            "{} is your Tertulia code. Do not share it with anybody.";
    }
}
