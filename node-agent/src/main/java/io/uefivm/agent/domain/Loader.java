package io.uefivm.agent.domain;

/**
 * The firmware build that the host chose for the VM.
 *
 * @param codePath executable image, as the host's libvirtd sees it
 * @param varsTemplatePath what the VM's variables were made from, as the host's libvirtd sees it
 * @param secure whether the build's descriptor says {@code requires-smm}: only code in System Management Mode may then
 *     write variables. It must follow the descriptor and nothing else: firmware without SMM boots with it and never
 *     stores a variable, without any error.
 */
public record Loader(String codePath, String varsTemplatePath, boolean secure) {
    public Loader {
        Paths.requireAbsolute("loader.codePath", codePath);
        Paths.requireAbsolute("loader.varsTemplatePath", varsTemplatePath);
    }
}
