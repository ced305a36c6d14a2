//! What the pages of a device say.

crate::words! {
    pub(crate) struct DeviceWords {
        title: "Conectar un dispositivo", "Connect a device";
        lead: "Escribe el código que muestra tu dispositivo.",
            "Type the code that your device shows.";
        code: "Código", "Code";
        hint: "Ocho letras, por ejemplo BCDF-GHJK. Da igual si son mayúsculas o minúsculas.",
            "Eight letters, such as BCDF-GHJK. Capitals or not, both will do.";
        go_on: "Continuar", "Continue";
        wrong: "Ese código no es correcto, ya se usó o ha caducado. \
                Comprueba las letras o pide otro en tu dispositivo.",
            "This code is not right, was used already, or has expired. \
             Check the letters, or ask for another one on your device.";
        confirm_title: "¿Conectar este dispositivo?", "Connect this device?";
        shows: "Tu dispositivo muestra este código:", "Your device shows this code:";
        beware: "Permítelo solo si tienes el dispositivo delante y lo empezaste tú. \
                 Si alguien te envió el código o un enlace, cancela: quiere entrar con tu cuenta.",
            "Allow it only if the device is in front of you and you began this yourself. \
             If somebody sent you the code or a link, cancel: they want to get into your account.";
        allowed_title: "Dispositivo conectado", "The device is connected";
        allowed: "Sigue en tu dispositivo; ya puedes cerrar esta página.",
            "Go on with your device; you can close this page now.";
        denied_title: "No se conectó", "It was not connected";
        denied: "El dispositivo no ha recibido nada de tu cuenta.",
            "The device got nothing of your account.";
    }
}
