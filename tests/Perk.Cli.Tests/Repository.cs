namespace Perk.Cli.Tests;

/// <summary>The repository's own files.</summary>
internal static class Repository
{
    /// <summary>The path of a file or folder, from the repository's root.</summary>
    public static string At(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Perk.Serverless.sln"))) folder = Path.GetDirectoryName(folder);
        Assert.NotNull(folder);
        return Path.Combine(folder, name);
    }
}
