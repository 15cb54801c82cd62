using System.Reflection;

namespace Perk.Core.Tests;

/// <summary>Copies of an options record with one property changed, found by reflection.</summary>
internal static class OptionChanges
{
    public static IEnumerable<string> Of<T>() =>
        typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => p.Name);

    /// <summary>The record with another, still valid value of one property.</summary>
    public static T With<T>(T options, string property)
        where T : notnull
    {
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(options, null)!;
        var changed = typeof(T).GetProperty(property)!;
        changed.SetValue(copy, Another(changed.GetValue(copy), changed.PropertyType));
        return copy;
    }

    private static object Another(object? value, Type type) => value switch
    {
        int number => number + 1,
        long number => number + 1,
        double number => number + 0.015625,
        bool flag => !flag,
        Enum => Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value)),
        null when type == typeof(IReadOnlyList<string>) => new[] { "q_proj" },
        null when type == typeof(IReadOnlyList<int>) => new[] { 1 },
        not null when type.GetMethod("<Clone>$") is not null => typeof(OptionChanges).GetMethod(nameof(With))!
            .MakeGenericMethod(type).Invoke(null, [value, type.GetProperties().First(p => p.CanWrite).Name])!,
        _ => throw new NotSupportedException($"Say here how a {type} changes."),
    };
}
