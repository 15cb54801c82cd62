namespace Perk.Core.Tests;

/// <summary>Files of the repository, copied beside the test binary.</summary>
public static class RepositoryFiles
{
    public static string Stories260K { get; } = Path.Combine(AppContext.BaseDirectory, "models", "stories260K");

    public static string Shipped { get; } = Path.Combine(AppContext.BaseDirectory, "models", "perk-1m");

    public static string Books { get; } = Path.Combine(AppContext.BaseDirectory, "data", "books");

    public static string Sources { get; } = Path.Combine(AppContext.BaseDirectory, "sources");

    public static string Fixture(params string[] names) => Path.Combine([AppContext.BaseDirectory, "fixtures", .. names]);
}
