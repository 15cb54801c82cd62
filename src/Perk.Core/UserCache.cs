namespace Perk.Core;

/// <summary>
/// The folder of this user where things are kept that can be made again: the relaxed native library, the emulator's installation.
/// </summary>
public static class UserCache
{
    /// <summary>The environment variable that moves the cache.</summary>
    public const string Variable = "PERK_CACHE";

    /// <summary>Creates (if need be) and returns a folder of the cache.</summary>
    /// <param name="name">The folder's name under the cache.</param>
    /// <returns>An absolute path: under <c>PERK_CACHE</c>, else the user's local application data, else a private temporary folder.</returns>
    public static string Folder(string name)
    {
        var chosen = Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(chosen)) return Directory.CreateDirectory(Path.Combine(Path.GetFullPath(chosen), name)).FullName;

        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (local.Length > 0)
        {
            try
            {
                return Directory.CreateDirectory(Path.Combine(local, "perk", name)).FullName;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A user without a writable home (a container's, say) gets a folder nobody else can have prepared.
            }
        }

        return Directory.CreateTempSubdirectory("perk-" + name + "-").FullName;
    }
}
